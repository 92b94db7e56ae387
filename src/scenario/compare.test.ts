import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandVariants } from './compare.js';

const base = { nodes: 4, topology: { use: 'star' }, algorithm: { use: 'd-psgd', batch: 8 } };
const expand = (compare: unknown) => expandVariants({ ...base, compare }, []);
const names = (compare: unknown) => expand(compare).variants.map(({ name }) => name);

test('without compare there is one variant without a name', () => {
  assert.deepEqual(expandVariants(base, []), {
    variants: [{ name: undefined, value: base, origins: [] }],
    problems: [],
  });
});

test('each value replaces the one at the path, and compare is removed', () => {
  const { variants, problems } = expand({ topology: ['ring', { use: 'erdos-renyi', probability: 0.3 }] });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    variants.map(({ value }) => value),
    [
      { ...base, topology: 'ring' },
      { ...base, topology: { use: 'erdos-renyi', probability: 0.3 } },
    ],
  );
  assert.deepEqual(variants[1]!.origins, [
    { path: ['topology'], from: { path: ['compare', 'topology', 1] } },
  ]);
});

test('a dotted path reaches into a section', () => {
  const { variants } = expand({ 'algorithm.batch': [8, 16] });
  assert.deepEqual((variants[1]!.value as typeof base).algorithm, { use: 'd-psgd', batch: 16 });
});

test('a variant is named by its name, its use or its text, in kebab case', () => {
  assert.deepEqual(names({ topology: ['ring', { use: 'erdosRenyi' }, { name: 'Dense (30 %)', use: 'x' }] }), [
    'ring',
    'erdos-renyi',
    'dense-30-pct',
  ]);
  assert.deepEqual(names({ 'algorithm.batch': [8, 0.5] }), ['batch-8', 'batch-0.5']);
  assert.deepEqual(names({ algorithm: [{ use: './my-own.js' }, { use: 'd-psgd' }] }), ['my-own', 'd-psgd']);
  assert.deepEqual(names({ 'network.drop': ['1%', '20%'] }), ['1pct', '20pct']);
});

test('the key name is removed from the value', () => {
  const { variants } = expand({ topology: [{ name: 'a', use: 'ring' }, 'star'] });
  assert.deepEqual((variants[0]!.value as typeof base).topology, { use: 'ring' });
});

test('equal names get different numbers', () => {
  const codec = (k: number) => ({ use: 'top-k', k });
  assert.deepEqual(names({ 'algorithm.codec': [codec(1), codec(2), codec(3)] }), [
    'top-k',
    'top-k-2',
    'top-k-3',
  ]);
});

test('anything but one path with at least two values is refused', () => {
  const problem = (compare: unknown) => {
    const [{ path, message } = { path: [], message: '' }] = expand(compare).problems;
    return `${path.join('.')}: ${message}`;
  };
  assert.equal(problem([]), 'compare: expected a map from one path to a list of values, got []');
  assert.equal(
    problem({ topology: ['ring', 'star'], nodes: [1, 2] }),
    'compare: expected a map from one path to a list of values, got 2 paths: topology, nodes',
  );
  assert.equal(
    problem({ topology: ['ring'] }),
    'compare.topology: expected a list of at least 2 values, got ["ring"]',
  );
  assert.equal(
    problem({ seed: [1, 2] }),
    'compare.seed: expected a path outside of seed, compare, sweep, tune, backend and title, got "seed"; for several seeds run it with --seed 1..5',
  );
  assert.equal(
    problem({ 'a..b': [1, 2] }),
    'compare.a..b: expected a path such as algorithm.codec, got "a..b"',
  );
  assert.equal(
    problem({ 'nodes.x': [1, 2] }),
    'compare.nodes.x: expected a path whose parents are maps or lists, got "nodes.x"',
  );
});

test('an override of what compare replaces is refused, since it would be lost', () => {
  const origin = { path: ['topology', 'degree'], from: { set: 'topology.degree=3' } };
  const { problems } = expandVariants({ ...base, compare: { topology: ['ring', 'star'] } }, [origin]);
  assert.match(problems[0]!.message, /compare replaces topology in every variant/);
  assert.deepEqual(problems[0]!.path, ['topology', 'degree']);
});

test('under scenario each value replaces whole sections, and an empty section is removed', () => {
  const server = { name: 'server', algorithm: { use: 'fedavg' }, topology: null };
  const { variants, problems } = expand({ scenario: [server, { algorithm: { use: 'local-only' } }] });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    variants.map(({ name, value }) => ({ name, value })),
    [
      { name: 'server', value: { nodes: 4, algorithm: { use: 'fedavg' } } },
      { name: 'local-only', value: { ...base, algorithm: { use: 'local-only' } } },
    ],
  );
  assert.deepEqual(variants[0]!.origins, [
    { path: ['algorithm'], from: { path: ['compare', 'scenario', 0, 'algorithm'] } },
    { path: ['topology'], from: { path: ['compare', 'scenario', 0, 'topology'] } },
  ]);
});

test('under scenario a seed, a value that is not a map and a section that --set overrides are refused', () => {
  const [seed] = expand({ scenario: [{ seed: 1 }, { nodes: 3 }] }).problems;
  assert.deepEqual(seed, {
    path: ['compare', 'scenario', 0, 'seed'],
    message: 'expected a section other than seed, compare, sweep, tune, backend and title, got "seed"',
    at: 'key',
  });
  const [text] = expand({ scenario: ['ring', { nodes: 3 }] }).problems;
  assert.match(text!.message, /expected a map of sections, got "ring"/);
  const overrides = [{ path: ['nodes'], from: { set: 'nodes=9' } }];
  const scenario = [{ nodes: 3 }, { name: 'b', topology: 'ring' }];
  const [hidden] = expandVariants({ ...base, compare: { scenario } }, overrides).problems;
  assert.match(hidden!.message, /compare replaces nodes in the variant nodes-3/);
});

test('a list of comparisons is their product, the later ones in each variant of the earlier ones', () => {
  const algorithms = [{ algorithm: { use: 'd-psgd' } }, { name: 'alone', algorithm: { use: 'local-only' } }];
  const compare = [{ scenario: algorithms }, { 'network.drop': ['0%', '20%'] }, { nodes: [4, 8] }];
  const { variants, problems } = expand(compare);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    variants.map(({ name }) => name),
    ['d-psgd', 'alone'].flatMap((a) =>
      ['0pct', '20pct'].flatMap((b) => [4, 8].map((c) => `${a}-${b}-nodes-${c}`)),
    ),
  );
  assert.deepEqual(variants[6]!.value, {
    ...base,
    algorithm: { use: 'local-only' },
    network: { drop: '20%' },
    nodes: 4,
  });
  assert.deepEqual(variants[6]!.origins, [
    { path: ['algorithm'], from: { path: ['compare', 0, 'scenario', 1, 'algorithm'] } },
    { path: ['network', 'drop'], from: { path: ['compare', 1, 'network.drop', 1] } },
    { path: ['nodes'], from: { path: ['compare', 2, 'nodes', 0] } },
  ]);
});

test('in a list, a comparison that replaces what an earlier one replaced is refused, and so is a malformed one', () => {
  const [lost] = expand([{ 'algorithm.batch': [8, 16] }, { algorithm: ['d-psgd', 'local-only'] }]).problems;
  assert.deepEqual(lost!.path, ['compare', 1]);
  assert.match(
    lost!.message,
    /keeps what earlier ones replace, but it replaces algorithm\.batch again: put it before them/,
  );
  const sections = [{ topology: 'ring' }, { topology: 'star' }];
  assert.match(expand([{ topology: ['a', 'b'] }, { scenario: sections }]).problems[0]!.message, /topology/);
  const [short] = expand([{ nodes: [4, 8] }, { topology: ['ring'] }]).problems;
  assert.deepEqual(short!.path, ['compare', 1, 'topology']);
});

test('a product of too many variants is refused before it is made', () => {
  const compare = Array.from({ length: 24 }, (_, k) => ({ [`algorithm.option${k}`]: [1, 2] }));
  assert.deepEqual(expand(compare).problems, [
    {
      path: ['compare', 13],
      message:
        'expected at most 10000 variants, got 16384 up to here: compare fewer values, or run them in several files',
    },
  ]);
});
