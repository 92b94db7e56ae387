/** The tool that looks for changes of the code that no test finds. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from './tidy/source.js';

interface Mutant {
  readonly id: string;
  readonly operator: string;
  readonly original: string;
  readonly mutant: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly path: string;
}
interface Judged {
  readonly mutant: Mutant;
  readonly outcome: string;
}
type Coverage = Record<string, { ms: number; modules: Record<string, number[]> }>;
const load = (name: string) => import(new URL(`../../scripts/mutants/${name}.mjs`, import.meta.url).href);

const { mutantsOf } = (await load('operators')) as {
  mutantsOf(source: string): { mutants: Mutant[]; guards: number };
};
const { allMutants, sample } = (await load('sources')) as {
  allMutants(root: string, folders?: string[]): { mutants: Mutant[] };
  sample(mutants: readonly Mutant[], seed: number, count: number): Mutant[];
};
const { testsFor } = (await load('judge')) as {
  testsFor(mutant: { module: string; start: number }, coverage: Coverage): { file: string }[];
};
const { tally } = (await load('report')) as {
  tally(judged: readonly Judged[], equivalent: Map<string, string>): { folder: string; score: number }[];
};

/** The mutants of a build with one module. */
function mutantsOfModule(source: string): readonly Mutant[] {
  const folder = mkdtempSync(join(tmpdir(), 'mycel-mutants-'));
  try {
    mkdirSync(join(folder, 'dist/src/kernel'), { recursive: true });
    writeFileSync(join(folder, 'dist/src/kernel/a.js'), source);
    return allMutants(folder, ['kernel']).mutants;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const changes = (source: string) =>
  mutantsOf(source).mutants.map(({ operator, original, mutant }) => `${operator}: ${original} → ${mutant}`);

test('operators, constants, conditions, statements, exits and blocks are changed', () => {
  assert.deepEqual(changes('a = (b + c) * d;'), [
    'statement: a = (b + c) * d; → ;',
    'arithmetic: (b + c) * d → (b + c) / d',
    'arithmetic: b + c → b - c',
  ]);
  assert.deepEqual(changes('f(!a, -b, c ?? 2, Math.min(d));'), [
    'statement: f(!a, -b, c ?? 2, Math.min(d)); → ;',
    'unary: !a →  (a)',
    'unary: -b →  (b)',
    'default: c ?? 2 → (c)',
    'default: c ?? 2 → (2)',
    'constant: 2 → 3',
    'constant: 2 → 1',
    'method: min → max',
  ]);
  assert.deepEqual(changes('function f() { if (a <= b) return; for (; c && d; e++) { f(); } }').slice(1), [
    'early exit: if (a <= b) return; → ;',
    'condition: a <= b → true',
    'comparison: a <= b → a < b',
    'condition: c && d → false',
    'logical: c && d → c || d',
    'step: e++ → e--',
    'block: { f(); } → {}',
    'statement: f(); → ;',
  ]);
});

test('guards and words for people are left as they are', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text, with code in a template string.
  assert.deepEqual(changes('assert(a < 1, `${b + 1}`); ({ says: `${1}` }); x.describe(f(1));'), [
    'statement: x.describe(f(1)); → ;',
  ]);
  assert.deepEqual(changes('throw new UsageError("a", f(1) + 2, 3);'), []);
  assert.deepEqual(changes('expectPlugin(a, b + c, 1)'), ['statement: expectPlugin(a, b + c, 1) → ;']);
  assert.equal(mutantsOf('assert(a, "b"); c = () => assert(d, "e");').guards, 2);
});

test('ids stay when lines move, and tell equal changes apart', () => {
  const ids = (source: string) => mutantsOfModule(source).map(({ id }) => id);
  const [first, second, third] = ids('a < b;\na < b;\nb < a;');
  assert.equal(new Set([first, second, third]).size, 3);
  assert.deepEqual(ids('// Another line.\na < b;\nb < a;'), [first, third]);
});

test('places are those of the TypeScript source', () => {
  const { mutants } = allMutants(projectRoot());
  const source = readFileSync(`${projectRoot()}/src/kernel/heap.ts`, 'utf8').split('\n');
  const sums = mutants.filter(
    ({ path, operator }) => path === 'src/kernel/heap.ts' && operator === 'arithmetic',
  );
  assert.ok(sums.length > 10);
  for (const { line, original } of sums)
    assert.ok(source[line - 1]!.includes(original.split('\n')[0]!), original);
});

test('a sample is the same for one seed, and even over the folders', () => {
  const { mutants } = allMutants(projectRoot());
  const drawn = sample(mutants, 1, 12).map(({ path }) => path.split('/')[1]);
  assert.deepEqual(drawn.toSorted(), [...new Set(drawn), ...new Set(drawn)].toSorted());
  assert.deepEqual(sample(mutants, 1, 12), sample(mutants.toReversed(), 1, 12));
  assert.notDeepEqual(sample(mutants, 1, 12), sample(mutants, 2, 12));
});

test('a mutant is tried by the tests that execute it, those beside it first', () => {
  const modules = { 'dist/src/a/b.js': [2, 4, 5, 6] };
  const coverage = {
    'dist/test/slow.test.js': { ms: 9, modules },
    'dist/test/quick.test.js': { ms: 1, modules },
    'dist/src/a/c.test.js': { ms: 5, modules },
    'dist/src/a/b.test.js': { ms: 20, modules },
    'dist/test/other.test.js': { ms: 1, modules: {} },
  };
  const at = (start: number) =>
    testsFor({ module: 'dist/src/a/b.js', start }, coverage).map(({ file }) => file.split('/').at(-1));
  assert.deepEqual(at(3), ['b.test.js', 'c.test.js', 'quick.test.js', 'slow.test.js']);
  assert.deepEqual(at(4), []);
});

test('the score counts what no test executes, and not what is equivalent', () => {
  const mutants = mutantsOfModule('a < b; a > b; b < a; b > a;');
  const outcomes = ['killed', 'timeout', 'survived', 'uncovered'];
  const judged = mutants.map((mutant, k) => ({ mutant, outcome: outcomes[k]! }));
  assert.equal(tally(judged, new Map()).at(-1)!.score, 0.5);
  assert.equal(tally(judged, new Map([[mutants[2]!.id, 'why']])).at(-1)!.score, 2 / 3);
});

test('every mutant that is said to be equivalent exists, and has a reason', () => {
  const text = readFileSync(`${projectRoot()}/scripts/mutants/equivalent.json`, 'utf8');
  const listed = JSON.parse(text) as { id: string; at: string; why: string }[];
  const ids = new Set(allMutants(projectRoot()).mutants.map(({ id }) => id));
  assert.deepEqual(
    listed.filter(({ id }) => !ids.has(id)),
    [],
  );
  for (const { why } of listed) assert.match(why, /\.$/);
});
