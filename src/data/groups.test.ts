import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classCounts, refusal, type SplitRequest, sizesOf, split } from '../../test/support/splits.js';
import { testSplit } from '../testing/data.js';
import { quarterTurns, slanted } from './group-views.js';
import type { Shard } from './index.js';
import { groups as groupsSplit } from './splits/groups.js';

const held = (shard: Shard) => classCounts(shard.train).flatMap((count, label) => (count > 0 ? [label] : []));
const groups = (options: object, request: SplitRequest) => split('groups', options, request);

test('the nodes of a group have its classes, which no other group has, and are tested on all of them', () => {
  fc.assert(
    fc.property(
      fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        order: fc.constantFrom('blocks', 'random'),
        draw: fc.nat(),
        seed: fc.nat(),
      }),
      ({ sizes, order, draw, seed }) => {
        const classes = 1 + (draw % Math.floor(10 / sizes.length));
        const nodes = sizes.reduce((sum, size) => sum + size, 0);
        const shards = groups({ sizes, classes, order }, { nodes, train: 800, test: 200, seed });
        const found = new Map<string, number>();
        for (const shard of shards) {
          const labels = held(shard);
          assert.equal(labels.length, classes);
          found.set(labels.join(), (found.get(labels.join()) ?? 0) + 1);
          const tested = Array.from({ length: 200 }, (_, k) => 800 + k).filter((row) =>
            labels.includes(row % 10),
          );
          assert.deepEqual([...shard.test], tested);
        }
        assert.equal(new Set([...found.keys()].join().split(',')).size, classes * sizes.length);
        const byNumber = (a: number, b: number) => a - b;
        assert.deepEqual([...found.values()].sort(byNumber), [...sizes].sort(byNumber));
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test('each node of five groups of four, with two classes per group, has thirty samples, ten of them for validation', () => {
  const options = { groups: 5, classes: 2, train: 30, test: 8 };
  const shards = groups(options, { nodes: 20, train: 2000, test: 200, validation: 1 / 3 });
  for (const shard of shards) {
    assert.deepEqual([shard.train.length, shard.validation.length, shard.test.length], [20, 10, 8]);
    for (const row of shard.test) assert.ok(held(shard).includes(row % 10));
  }
  const labels = shards.map((shard) => held(shard).join());
  for (const [node, label] of labels.entries()) assert.equal(label, labels[node - (node % 4)]);
  assert.equal(new Set(labels).size, 5);
});

test('groups in random order have the requested sizes, but their nodes do not have consecutive numbers', () => {
  const shards = groups({ groups: 5, classes: 2, order: 'random' }, { nodes: 20, train: 2000 });
  const labels = shards.map((shard) => held(shard).join());
  for (const label of labels) assert.equal(labels.filter((other) => other === label).length, 4);
  const blocks = labels.filter((label, node) => label === labels[node - (node % 4)]);
  assert.ok(blocks.length < 20);
});

test('without classes all rows are distributed over all nodes', () => {
  const shards = groups({ groups: 3 }, { nodes: 7, train: 100, test: 10 });
  assert.deepEqual(sizesOf(shards), [15, 15, 14, 14, 14, 14, 14]);
  assert.equal(new Set(shards.flatMap((shard) => [...shard.train])).size, 100);
  for (const shard of shards) {
    assert.equal(shard.test.length, 10);
    assert.equal(shard.view, undefined);
  }
});

test('permuted labels are a permutation, common to a group and different between groups', () => {
  const shards = groups({ sizes: [2, 3, 1], labels: 'permuted' }, { nodes: 6, train: 60 });
  const names = shards.map(({ view }) => [...view!.labels!]);
  for (const list of names) assert.equal(new Set(list).size, 10);
  assert.deepEqual(names[0], names[1]);
  assert.deepEqual(names[2], names[4]);
  assert.equal(new Set([names[0], names[2], names[5]].map(String)).size, 3);
});

test('with as many groups as nodes each node has a permutation of its own', () => {
  const shards = groups({ groups: 16, labels: 'permuted' }, { nodes: 16, train: 160 });
  assert.equal(new Set(shards.map(({ view }) => view!.labels!.join())).size, 16);
});

test('neither permutation of two classes is used twice before the other is used once', () => {
  for (let seed = 0; seed < 20; seed++) {
    const shards = groups({ groups: 4, labels: 'permuted' }, { nodes: 4, train: 40, classes: 2, seed });
    const names = shards.map(({ view }) => view!.labels!.join());
    assert.notEqual(names[0], names[1]);
    assert.notEqual(names[2], names[3]);
  }
});

test('permuted inputs are a permutation of the features for each group', () => {
  const request = { nodes: 4, train: 40, changes: { shape: [5, 4] } };
  const shards = groups({ groups: 2, inputs: 'permuted' }, request);
  const places = shards.map(({ view }) => [...view!.features!]);
  for (const list of places) assert.equal(new Set(list).size, 20);
  assert.deepEqual(places[0], places[1]);
  assert.notDeepEqual(places[1], places[2]);
});

test('rotated inputs turn the images of group g counterclockwise by g quarter turns', () => {
  const request = { nodes: 5, train: 40, changes: { shape: [2, 2, 1] } };
  const shards = groups({ groups: 5, inputs: 'rotated' }, request);
  // The image 0 1 / 2 3, as the groups see it.
  assert.deepEqual(
    shards.map(({ view }) => view && [...view.features!]),
    [undefined, [1, 3, 0, 2], [3, 2, 1, 0], [2, 0, 3, 1], undefined],
  );
});

test('channels stay together when an image is turned, and four quarter turns restore it', () => {
  const turn = quarterTurns([3, 3, 2], 1)!;
  for (let k = 0; k < 18; k += 2) {
    assert.equal(turn[k]! % 2, 0);
    assert.equal(turn[k + 1], turn[k]! + 1);
  }
  const fourTimes = turn.map((place) => turn[turn[turn[place]!]!]!);
  assert.deepEqual(
    [...fourTimes],
    Array.from({ length: 18 }, (_, k) => k),
  );
});

test('recoloured inputs have their channels in an order of each group, pixels in their places', () => {
  const request = { nodes: 6, train: 40, changes: { shape: [2, 2, 3] } };
  const shards = groups({ groups: 6, inputs: 'recolored' }, request);
  const orders = shards.map(({ view }) => [...view!.features!.subarray(0, 3)]);
  assert.equal(new Set(orders.map(String)).size, 6);
  for (const [node, { view }] of shards.entries())
    assert.deepEqual(
      [...view!.features!],
      [0, 3, 6, 9].flatMap((pixel) => orders[node]!.map((channel) => pixel + channel)),
    );
});

test('slanted inputs move the upper rows to one side and the lower rows to the other, by an even step from group to group', () => {
  const request = { nodes: 3, train: 40, changes: { shape: [3, 4, 1] } };
  const shards = groups({ groups: 3, inputs: 'slanted', slant: 1 }, request);
  assert.equal(shards[1]!.view, undefined);
  // Rows 0 1 2 3 / 4 5 6 7 / 8 9 10 11: with slope −1 the upper one moves to the left by 1, with slope 1 to the right.
  assert.deepEqual([...shards[0]!.view!.features!], [1, 2, 3, 0, 4, 5, 6, 7, 11, 8, 9, 10]);
  assert.deepEqual([...shards[2]!.view!.features!], [3, 0, 1, 2, 4, 5, 6, 7, 9, 10, 11, 8]);
});

test('a slanted digit leans as far as the slope says, and channels stay together', () => {
  const places = slanted([28, 28], 0.4)!;
  // The middle is at 13.5: the top row is moved by 5.4, to 5 whole pixels, the bottom row by as much to the left.
  assert.deepEqual([places[14], places[27 * 28 + 14]], [9, 27 * 28 + 19]);
  const colored = slanted([28, 28, 3], 0.4)!;
  assert.deepEqual([...colored.subarray(3 * 14, 3 * 15)], [27, 28, 29]);
});

test('options of views and of test rows change no training row of any node', () => {
  const request = { nodes: 6, train: 300, test: 100, changes: { shape: [3, 3] } };
  const plain = groups({ groups: 3 }, request);
  const varied = groups({ groups: 3, labels: 'permuted', inputs: 'permuted', test: 10 }, request);
  assert.deepEqual(
    plain.map(({ train }) => train),
    varied.map(({ train }) => train),
  );
});

test('impossible groups are refused', () => {
  const request = { nodes: 6, train: 600, test: 50 };
  const refused = (options: object, code: string, message: RegExp, path: string) =>
    assert.throws(() => groups(options, request), refusal(code, message, path));
  refused({ groups: 7 }, 'bad-groups', /at most as many groups as nodes \(6\), got 7/, 'data.split.groups');
  refused({ sizes: [2, 3] }, 'bad-groups', /add up to 6 nodes, got 2 \+ 3 = 5/, 'data.split.sizes');
  refused(
    { groups: 3, classes: 4 },
    'too-many-classes',
    /at most 3 classes for each of 3 groups/,
    'data.split.classes',
  );
  refused(
    { groups: 2, classes: 1, train: 21 },
    'too-few-samples',
    /at most 20 samples for each of 3 nodes \(there are 60 training samples of the classes \d\), got 21/,
    'data.split.train',
  );
  refused(
    { groups: 2, classes: 1, test: 6 },
    'too-few-samples',
    /at most 5 test samples.*got 6/,
    'data.split.test',
  );
  refused(
    { groups: 2, inputs: 'rotated' },
    'not-square',
    /square images.*shape 1; remove inputs: rotated$/,
    'data.split.inputs',
  );
  refused(
    { groups: 2, inputs: 'slanted' },
    'no-image',
    /expected images, got samples of shape 1; remove inputs: slanted$/,
    'data.split.inputs',
  );
  assert.throws(
    () => groups({ groups: 2, inputs: 'recolored' }, { ...request, changes: { shape: [4, 4, 1] } }),
    refusal(
      'one-channel',
      /at least 2 channels.*shape 4 × 4 × 1; remove inputs: recolored$/,
      'data.split.inputs',
    ),
  );
  assert.throws(() => groups({}, request), /either groups or sizes/);
  assert.throws(() => groups({ groups: 2, sizes: [3, 3] }, request), /either groups or sizes/);
});

test('repeated rows: every group has all samples once, dealt anew, and a group of its own view', () => {
  const shards = groups({ groups: 3, inputs: 'permuted', repeated: true }, { nodes: 6, train: 100 });
  const rows = (nodes: number[]) => nodes.flatMap((node) => [...shards[node]!.train]).sort((a, b) => a - b);
  for (const members of [
    [0, 1],
    [2, 3],
    [4, 5],
  ])
    assert.deepEqual(
      rows(members),
      Array.from({ length: 100 }, (_, row) => row),
    );
  assert.notDeepEqual(rows([0]), rows([2]));
  testSplit(groupsSplit, { options: { groups: 3, inputs: 'permuted', repeated: true } });
  assert.throws(
    () => groups({ groups: 3, classes: 2, repeated: true }, { nodes: 6, train: 100 }),
    /repeated without classes/,
  );
});
