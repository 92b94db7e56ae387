import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classCounts, refusal, sizesOf, split, total } from '../../test/support/splits.js';
import { sampleDataset, testSplit } from '../testing/data.js';
import { type Shard, type Split, splits, type View } from './index.js';
import { iid } from './splits/iid.js';

const held = (shard: Shard, classes = 10) =>
  classCounts(shard.train, classes).flatMap((count, label) => (count > 0 ? [label] : []));

const entryOf = (id: string) => splits.find((entry) => entry.id === id)!;

const CHOICES: Record<string, Parameters<typeof testSplit>[1]> = {
  dirichlet: { options: { alpha: 0.3 } },
  'classes-per-node': { options: { classes: 3 } },
  'label-shards': { options: { shards: 2 } },
  'primary-labels': { options: { primary: 3 } },
  'quantity-skew': { options: { exponent: 1.2 } },
  'by-user': {
    dataset: {
      ...sampleDataset(600, 200, 10),
      users: Int32Array.from({ length: 800 }, (_, row) => row % 17),
    },
  },
  file: { options: { file: 'scenarios/data/rows.csv' } },
  groups: { options: { groups: 3, classes: 3, labels: 'permuted', order: 'random' } },
  attributes: { dataset: sampleDataset(600, 200, 2, 4) },
  'by-node': { dataset: sampleDataset(21, 14, 0) },
};

for (const entry of splits) {
  test(`${entry.id} keeps the laws of a split`, () => {
    testSplit(entry, CHOICES[entry.id]);
  });

  test(`${entry.id} refuses an unknown option`, () => {
    const options = { ...(CHOICES[entry.id]?.options as object | undefined), sampels: 3 };
    assert.equal(entry.options.safeParse(options).success, false);
  });
}

test('the conformance test catches rows that two nodes have', () => {
  const greedy: Split = {
    ...iid,
    id: 'greedy',
    split: (o, c) => iid.split(o, c).map((_, __, all) => all[0]!),
  };
  assert.throws(() => testSplit(greedy), /belongs to node 0 already/);
});

test('the conformance test catches rows that no node has, unless the split says which it deals', () => {
  const some: Split = { ...iid, id: 'some', split: (_, c) => iid.split({ samples: 10 }, c) };
  const { deals, ...silent } = some;
  assert.notEqual(deals, undefined);
  assert.throws(() => testSplit(silent), /expected every training row on a node, but row \d+ is on none/);
  testSplit({ ...some, deals: (_, { nodes }) => 10 * nodes });
  assert.throws(
    () => testSplit({ ...some, deals: () => 71 }),
    /expected 71 training rows on all nodes together, got 70/,
  );
  assert.throws(
    () => testSplit({ ...some, deals: () => 'whole-classes' }),
    /expected every training row of the classes that nodes have on a node/,
  );
});

test('what the splits say that they deal out is what they deal out, with all their options', () => {
  const choices: [Split, object][] = [
    [iid, { samples: 13 }],
    ...[1, 2, 4].flatMap((classes): [Split, object][] => [
      [entryOf('classes-per-node'), { classes }],
      [entryOf('classes-per-node'), { classes, samples: 3 }],
      [entryOf('groups'), { groups: 2, classes }],
      [entryOf('groups'), { groups: 2, classes, train: 5 }],
      [entryOf('label-shards'), { shards: classes }],
    ]),
    [entryOf('groups'), { groups: 2, train: 5 }],
  ];
  for (const nodes of [2, 7]) for (const [entry, options] of choices) testSplit(entry, { options, nodes });
});

test('the conformance test catches test rows among training rows', () => {
  const leaking: Split = {
    ...iid,
    id: 'leaking',
    split: (o, c) => iid.split(o, c).map((shard) => ({ ...shard, test: shard.train })),
  };
  assert.throws(() => testSplit(leaking), /test row \d+ of node 0 is not a row from 600 to 799/);
});

test('iid distributes every row, in shares that differ by at most one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(300), fc.nat(), (nodes, extra, seed) => {
      const train = nodes + extra;
      const shards = split('iid', {}, { nodes, train, test: 5, seed });
      const list = sizesOf(shards);
      assert.equal(Math.max(...list) - Math.min(...list) <= 1, true);
      const rows = shards.flatMap((shard) => [...shard.train]).sort((a, b) => a - b);
      assert.deepEqual(
        rows,
        Array.from({ length: train }, (_, row) => row),
      );
      for (const shard of shards) {
        assert.deepEqual(
          [...shard.test],
          [0, 1, 2, 3, 4].map((k) => train + k),
        );
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('iid gives each node exactly the requested number of samples', () => {
  const shards = split('iid', { samples: 13 }, { nodes: 7, train: 100 });
  assert.deepEqual(sizesOf(shards), Array(7).fill(13));
  assert.throws(
    () => split('iid', { samples: 15 }, { nodes: 7, train: 100 }),
    refusal('too-few-samples', /at most 14 samples for each of 7 nodes.*100.*got 15/, 'data.split.samples'),
  );
});

test('fewer samples than nodes are refused', () => {
  for (const [id, options] of [
    ['iid', {}],
    ['dirichlet', { alpha: 1 }],
    ['classes-per-node', { classes: 1 }],
    ['primary-labels', { primary: 1 }],
  ] as const) {
    assert.throws(
      () => split(id, options, { nodes: 8, train: 7 }),
      refusal('too-few-samples', /each of 8 nodes, got 7/, 'data.train'),
      id,
    );
  }
});

test('a split by classes refuses data without classes', () => {
  for (const [id, options] of [
    ['dirichlet', { alpha: 1 }],
    ['classes-per-node', { classes: 1 }],
    ['label-shards', { shards: 1 }],
    ['primary-labels', { primary: 1 }],
    ['groups', { groups: 1, classes: 1 }],
    ['groups', { groups: 1, labels: 'permuted' }],
  ] as const) {
    assert.throws(
      () => split(id, options, { nodes: 2, train: 10, classes: 0 }),
      refusal('no-classes', /with classes.*got "sample"/, 'data.split.use'),
      id,
    );
  }
});

test('classes-per-node assigns the classes evenly, and every class to a node if there are enough places', () => {
  fc.assert(
    fc.property(
      fc.record({
        nodes: fc.integer({ min: 1, max: 20 }),
        classes: fc.integer({ min: 1, max: 12 }),
        draw: fc.nat(),
        seed: fc.nat(),
      }),
      ({ nodes, classes, draw, seed }) => {
        const perNode = 1 + (draw % classes);
        const train = classes * 23;
        const shards = split('classes-per-node', { classes: perNode }, { nodes, train, classes, seed });
        const holders = Array(classes).fill(0) as number[];
        for (const shard of shards) {
          assert.equal(held(shard, classes).length, perNode);
          for (const label of held(shard, classes)) holders[label]! += 1;
        }
        assert.ok(Math.max(...holders) - Math.min(...holders) <= 1);
        assert.equal(Math.min(...holders) > 0, nodes * perNode >= classes);
        for (let label = 0; label < classes; label++) {
          const parts = shards.map((shard) => classCounts(shard.train, classes)[label]!).filter((n) => n > 0);
          if (parts.length === 0) continue;
          assert.equal(total(parts), 23);
          assert.ok(Math.max(...parts) - Math.min(...parts) <= 1);
        }
      },
    ),
    { seed: 1, numRuns: 80 },
  );
});

test('a node is tested on all test rows of its classes', () => {
  for (const shard of split('classes-per-node', { classes: 2 }, { nodes: 6, train: 200, test: 70 })) {
    const expected = Array.from({ length: 70 }, (_, k) => 200 + k).filter((row) =>
      held(shard).includes(row % 10),
    );
    assert.deepEqual([...shard.test], expected);
  }
});

test('the classes are combined differently on different nodes', () => {
  const shards = split('classes-per-node', { classes: 2 }, { nodes: 40, train: 2000 });
  assert.ok(new Set(shards.map((shard) => held(shard).join())).size > 10);
});

test('impossible numbers of classes are refused', () => {
  assert.throws(
    () => split('classes-per-node', { classes: 11 }, { nodes: 4, train: 100 }),
    refusal('too-many-classes', /at most 10 classes.*got 11/, 'data.split.classes'),
  );
  assert.throws(
    () => split('classes-per-node', { classes: 10 }, { nodes: 8, train: 79 }),
    refusal('too-few-samples', /class 9 for each of its 8 nodes, got 7/, 'data.train'),
  );
});

test('if rows have several attributes, classes are those of the first', () => {
  const shards = split('classes-per-node', { classes: 1 }, { nodes: 10, train: 200, attributes: 3 });
  for (const shard of shards) assert.equal(held(shard).length, 1);
});

test('classes-per-node gives each node exactly the requested number of samples of each class', () => {
  const shards = split('classes-per-node', { classes: 3, samples: 4 }, { nodes: 10, train: 200 });
  for (const shard of shards) {
    assert.deepEqual(
      classCounts(shard.train).filter((count) => count > 0),
      [4, 4, 4],
    );
  }
  assert.throws(
    () => split('classes-per-node', { classes: 3, samples: 7 }, { nodes: 10, train: 200 }),
    refusal(
      'too-few-samples',
      /at least 7 training samples of class 0 for each of its 3.*got 20/,
      'data.train',
    ),
  );
});

/** `iid`, but every node has that view. */
const seeing = (view: View): Split => ({
  ...iid,
  id: 'seeing',
  split: (o, c) => iid.split(o, c).map((shard) => ({ ...shard, view })),
});

test('the conformance test catches views that refer to what the data do not have', () => {
  testSplit(seeing({ attribute: 0, labels: Int32Array.from({ length: 10 }, (_, k) => 9 - k) }));
  assert.throws(
    () => testSplit(seeing({ attribute: 1 })),
    /view of node 0: expected an attribute from 0 to 0, got 1/,
  );
  assert.throws(
    () => testSplit(seeing({ labels: Int32Array.of(1, 0) })),
    /view of node 0: expected `labels` to give each of the 10 classes/,
  );
  assert.throws(
    () => testSplit(seeing({ labels: new Int32Array(10).fill(10) })),
    /each of the 10 classes a class from 0 to 9/,
  );
  assert.throws(
    () => testSplit(seeing({ features: Uint32Array.of(1) })),
    /expected `features` to give each of the 1 features/,
  );
});

test('the conformance test catches a view that validation changes', () => {
  const changing: Split = {
    ...iid,
    id: 'changing',
    split: (o, c) =>
      iid.split(o, c).map((shard) => (c.validation > 0 ? { ...shard, view: { attribute: 0 } } : shard)),
  };
  assert.throws(() => testSplit(changing), /taken out of its own training rows, and nothing else to change/);
});

test('the number of validation rows is exact for a decimal share', () => {
  const [shard] = split('iid', {}, { nodes: 1, train: 100, validation: 0.29 });
  assert.equal(shard!.validation.length, 29);
  assert.throws(
    () => split('iid', {}, { nodes: 1, train: 100, validation: 1 }),
    refusal('bad-validation', /below 100%, got 100%/, 'data.validation'),
  );
});

test('another seed gives other shards', () => {
  for (const [id, options] of [
    ['iid', {}],
    ['dirichlet', { alpha: 1 }],
    ['classes-per-node', { classes: 2 }],
    ['label-shards', { shards: 2 }],
    ['primary-labels', { primary: 2 }],
    ['groups', { groups: 2 }],
  ] as const) {
    const request = { nodes: 4, train: 200 };
    assert.notDeepEqual(split(id, options, request), split(id, options, { ...request, seed: 2 }), id);
  }
});
