// Scenario texts to be read: committed ones with changes, of their values and of their texts.
import { parse, stringify } from 'yaml';
import { algorithms } from '../../../dist/src/algorithms/index.js';
import { sources, splits } from '../../../dist/src/data/index.js';
import { topologies } from '../../../dist/src/topology/index.js';
import { codecs } from '../../../dist/src/wire/codecs.js';

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  2,
  3,
  0.5,
  1e-320,
  1e308,
  -1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  1e15,
  1e9,
  1e6,
  65_536,
  1e21,
];
const QUANTITIES = [
  '1 round',
  '0 rounds',
  '-1 rounds',
  '1e9 rounds',
  '1.5 rounds',
  '999999999999 rounds',
  'rounds',
  '1 rounds ',
  '1ns',
  '0ms',
  '-5ms',
  '1e300 s',
  '0.1ns',
  '1h',
  '1000000h',
  '5 parsecs',
  '1Mbps',
  '0Mbps',
  '1bps',
  '1e30Gbps',
  'unlimited',
  'NaNMbps',
  '∞',
  '10%',
  '0%',
  '100%',
  '101%',
  '-1%',
  '1e-300%',
  '%',
  '1GFLOPS',
  '0GFLOPS',
  '1e300GFLOPS',
  '1MB',
  '1e30MB',
  '٣ rounds',
  '1_000 rounds',
  '1,5ms',
  '0x10ms',
  '+3ms',
];
const NAMES = [
  ...[algorithms, sources, splits, topologies, codecs].flatMap((list) => list.map(({ id }) => id)),
  'softmax',
  'mlp',
  'cnn',
  'resnet',
  'sgd',
  'adam',
  'fair',
  'fifo',
  'constant',
  'uniform',
  'log-normal',
  'accuracy',
  'auto',
  'cpu',
  'tensorflow',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  './my-algorithm.js',
  './none.js',
  '../../etc/passwd',
  './',
  '',
  ' ',
  '\u0000',
  '\u202e',
  'ａ',
  'x'.repeat(5000),
];
const VALUES = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { use: null },
  { use: [] },
  { use: {} },
  { __proto__: null, '': 1 },
];
const KEYS = [
  'use',
  'nodes',
  'seed',
  'data',
  'train',
  'stop',
  'after',
  'at',
  'compare',
  'variants',
  'faults',
  '__proto__',
  'constructor',
  'prototype',
  '',
  'length',
  '0',
  '-1',
  'topology',
  'network',
  'algorithm',
  'model',
  'layers',
  'probes',
  'split',
  'title',
  'backend',
  'x'.repeat(300),
  'a.b',
  'a[0]',
];

/** One text. */
export function drawScenario(draw, texts) {
  let text = draw.pick(texts);
  if (draw.chance(0.6)) {
    const root = { value: parse(text) };
    for (let count = 1 + draw.integer(3); count > 0; count--) changeValue(draw, root);
    if (draw.chance(0.8)) makeSmall(root.value);
    text = written(draw, root.value);
  }
  if (draw.chance(0.55)) {
    do text = draw.pick(TEXTS)(text, draw);
    while (draw.chance(0.25));
  }
  return text;
}

/** Overrides, mostly none. */
export function drawOverrides(draw) {
  if (draw.chance(0.75)) return [];
  return Array.from({ length: 1 + draw.integer(3) }, () => {
    if (draw.chance(0.1))
      return draw.pick([
        '',
        '=',
        '=1',
        'a',
        'nodes',
        '.',
        '..=1',
        'a..b=1',
        '\0=1',
        'nodes==',
        'x'.repeat(10_000),
      ]);
    const path = Array.from({ length: 1 + draw.integer(3) }, () => draw.pick(KEYS)).join('.');
    const value = draw.chance(0.3)
      ? draw.pick(['', '[', '{', '*a', '&a [*a]', '!!binary x', '? a', '- 1', '\t', '#', '|', '"'])
      : scalarText(drawValue(draw));
    return `${path}=${value}`;
  });
}

function scalarText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** So that what is tried to its first states takes no time because of the scenario that it came from. */
function makeSmall(value) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.nodes === 'number' && value.nodes > 8 && value.nodes < 1000) value.nodes = 4;
  if (typeof value.data !== 'object' || value.data === null) return;
  for (const key of ['train', 'test', 'publicRows'])
    if (typeof value.data[key] === 'number' && value.data[key] > 500 && value.data[key] < 1e5)
      value.data[key] = 200;
}

function drawValue(draw) {
  const kind = draw.integer(10);
  if (kind < 3) return draw.pick(NUMBERS);
  if (kind < 6) return draw.pick(QUANTITIES);
  if (kind < 8) return draw.pick(NAMES);
  return structuredClone(draw.pick(VALUES));
}

/** Drops, renames, doubles, moves or replaces something. */
function changeValue(draw, root) {
  const places = [];
  collect(root, 'value', places);
  const { holder, key } = draw.pick(places);
  const change = draw.integer(8);
  if (change === 0 && key !== 'value') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (change === 1 && !Array.isArray(holder) && key !== 'value') {
    const name = draw.pick(KEYS);
    const value = holder[key];
    delete holder[key];
    Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  } else if (change === 2) {
    // Something from elsewhere in the scenario.
    const other = draw.pick(places);
    holder[key] = structuredClone(other.holder[other.key]);
  } else if (change === 3 && Array.isArray(holder)) {
    holder.push(structuredClone(holder[key]));
  } else if (change === 4 && typeof holder[key] === 'number') {
    holder[key] = draw.pick([-1, 0.5, 2, 10, 1e3, 1e6, 1e300]) * holder[key];
  } else {
    holder[key] = drawValue(draw);
  }
}

function collect(holder, key, places) {
  places.push({ holder, key });
  const value = holder[key];
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) collect(value, name, places);
}

function written(draw, value) {
  if (draw.chance(0.2))
    return JSON.stringify(value, (_key, one) => (one === undefined ? null : one)) ?? 'null';
  return stringify(value, { collectionStyle: draw.pick(['any', 'flow', 'block']) });
}

/** Changes of a text. */
const TEXTS = [
  (text, draw) => cut(text, draw),
  (text, draw) =>
    spliced(
      text,
      draw,
      draw.pick([
        '\t',
        '\0',
        '\u0085',
        '\u2028',
        '\ufeff',
        '\r',
        '\x1b[2J',
        '%',
        '@',
        '`',
        '{',
        ']',
        ': ',
        '- ',
        '#',
        '"',
        "'",
        '|\n',
        '>\n',
        '? ',
        '!!str ',
        '&a ',
        '*a',
        '<<: *a',
        '---\n',
        '...\n',
        '%YAML 9.9\n',
      ]),
    ),
  (text, draw) => spliced(text, draw, String(draw.pick([...NUMBERS, ...QUANTITIES]))),
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text.replaceAll('  ', '\t'),
  (text) => `${text}---\n${text}`,
  (text) => `${text}\n${text}`,
  (text, draw) => withLine(text, draw, (line) => `${line}\n${line}`),
  (text, draw) => withLine(text, draw, () => ''),
  (text, draw) => withLine(text, draw, (line) => line.replace(/: .*/, ': &anchor [*anchor]')),
  (text, draw) =>
    withLine(text, draw, (line) =>
      line.replace(
        /: /,
        `: !!${draw.pick(['binary', 'set', 'omap', 'timestamp', 'js/function', 'float', 'null', 'map'])} `,
      ),
    ),
  (text, draw) =>
    withLine(text, draw, (line) =>
      line.replace(
        /^(\s*)\S+?:/,
        `$1${draw.pick(['__proto__', '<<', '? [a, b]', '"\\u0000"', 'constructor', '1', 'null', '{a: b}'])}:`,
      ),
    ),
  (text, draw) => `${text}\n${draw.pick(['x', 'title', 'compare'])}: ${nested(draw)}\n`,
  // Aliases of aliases: each line holds ten times the line before.
  (text) =>
    `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, k) => `a${k + 1}: &a${k + 1} [${`*a${k},`.repeat(10)}]`).join('\n')}\n${text}`,
  (text, draw) => `${text}${'#'.repeat(draw.pick([10, 1e4, 1e4, draw.chance(0.1) ? 4e6 : 100]))}`,
  (text, draw) =>
    `${text}\ncompare: { variants: { ${Array.from({ length: draw.pick([1, 3, 50, draw.chance(0.1) ? 2000 : 5]) }, (_, k) => `v${k}: { nodes: ${k} }`).join(', ')} } }\n`,
  (text, draw) => flippedText(text, draw),
  (text, draw) => flippedText(text, draw),
];

function nested(draw) {
  const depth = draw.pick([3, 30, 100, 501, 3000, draw.chance(0.1) ? 499 : 20_000]);
  const [open, close] = draw.pick([
    ['[', ']'],
    ['{a: ', '}'],
    ['- ', ''],
    ['[{a: ', '}]'],
    ['? ', ''],
  ]);
  return open === '- ' || open === '? '
    ? `\n  ${open.repeat(depth)}1`
    : open.repeat(depth) + (draw.chance(0.8) ? `1${close.repeat(depth)}` : '');
}

function cut(text, draw) {
  return text.slice(0, draw.integer(text.length + 1));
}

function spliced(text, draw, more) {
  const at = draw.integer(text.length + 1);
  return text.slice(0, at) + more + text.slice(at + (draw.chance(0.5) ? draw.integer(10) : 0));
}

function withLine(text, draw, change) {
  const lines = text.split('\n');
  const at = draw.integer(lines.length);
  lines[at] = change(lines[at]);
  return lines.join('\n');
}

function flippedText(text, draw) {
  const bytes = Buffer.from(text);
  for (let count = 1 + draw.integer(4); count > 0 && bytes.length > 0; count--)
    bytes[draw.integer(bytes.length)] ^= 1 << draw.integer(8);
  return bytes.toString('utf8');
}
