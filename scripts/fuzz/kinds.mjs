// The list of kinds of inputs; each is a module beside this one.

export const KINDS = [
  'scenarios',
  'data',
  'networks',
  'wire',
  'checkpoints',
  'artifacts',
  'traces',
  'kills',
  'deaths',
  'disk',
  'two',
  'random',
  'states',
  'versions',
];

/**
 * A kind: its name; how many inputs its full form has (`runs`), and its short form in the test suite (`short`); `open`, which makes ready
 * what all inputs need and returns `{ try, close }` or `{ skipped: reason }`; `try` returns `accepted` or `refused`, and throws where
 * something is wrong.
 */
export async function loadKind(name) {
  const { default: kind } = await import(new URL(`./${name}.mjs`, import.meta.url).href);
  return kind;
}
