import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadBackend } from '../compute/backend.js';
import type { Dataset } from '../data/dataset.js';
import { buildModel } from './index.js';
import { gatherBatch, stackSlices, unstackSlices } from './stack.js';

test('stacking slices and unstacking them gives the same params, also in the middle of a larger array', async () => {
  const { tf } = await loadBackend('cpu');
  const { slices, length } = buildModel({ use: 'softmax', options: {}, input: [2], classes: 3 });
  const arrays = [0, 100].map((first) => Float32Array.from({ length: 2 * length }, (_, i) => first + i));
  const tensors = stackSlices(tf, slices, arrays, length);
  assert.deepEqual(
    tensors.map(({ shape }) => shape),
    [
      [2, 2, 3],
      [2, 3],
    ],
  );
  assert.deepEqual([...tensors[1]!.dataSync()], [15, 16, 17, 115, 116, 117]);
  const back = arrays.map((array) => array.slice().fill(-1, length));
  unstackSlices(slices, tensors, back, length);
  assert.deepEqual(back, arrays);
});

test('a batch has the rows of each node, scaled, in the shape of a sample', async () => {
  const { tf } = await loadBackend('cpu');
  const dataset: Dataset = {
    id: 'test',
    shape: [2, 1],
    features: Uint8Array.of(0, 1, 2, 3, 4, 5),
    scale: 0.5,
    labels: Int32Array.of(7, 8, 9),
    classes: 10,
    train: 3,
    test: 0,
  };
  const nodes = [{ rows: Uint32Array.of(9, 9, 2, 0) }, { rows: Uint32Array.of(9, 9, 1, 1) }];
  const { features, labels } = gatherBatch(tf, dataset, nodes, { from: 2, batch: 2 });
  assert.deepEqual(features.shape, [2, 2, 2, 1]);
  assert.deepEqual([...features.dataSync()], [2, 2.5, 0, 0.5, 1, 1.5, 1, 1.5]);
  assert.deepEqual([...labels], [9, 7, 8, 8]);
});
