import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { atPoints, mixedOf } from './points.js';

const MODELS = { 'aux 1': 1, mixed: 2, adapted: 3, 'aux 2': 4 };

test('models come in the order of the points, those of no point behind them', () => {
  assert.deepEqual(Object.entries(atPoints(MODELS, ['adapted', 'mixed'])), [
    ['adapted', 3],
    ['mixed', 2],
    ['aux 1', 1],
    ['aux 2', 4],
  ]);
  assert.deepEqual(Object.keys(atPoints(MODELS, ['mixed'])), ['mixed', 'aux 1', 'aux 2']);
});

test('where an algorithm has none of the points asked for, the one that it has stands in', () => {
  assert.deepEqual(Object.keys(atPoints({ adapted: 1, other: 2 }, ['mixed'])), ['adapted', 'other']);
  assert.deepEqual(Object.keys(atPoints({ own: 1 }, ['mixed'])), ['own']);
});

test('distances of models are those of the averaged ones where there are some', () => {
  assert.equal(mixedOf({ adapted: 1, mixed: 2 }), 2);
  assert.equal(mixedOf({ adapted: 1 }), 1);
  assert.equal(mixedOf({}), undefined);
});

/** Names of metrics, and the label under which a run says that it measured. */
async function measured(use: string, at: string | string[]) {
  const data = { use: 'blobs', features: 4, classes: 3, train: 60, test: 30 };
  const { result } = await runToEnd(
    planOf({
      nodes: 3,
      data,
      algorithm: { use },
      measure: { at, probes: ['accuracy'] },
      stop: { after: '2 rounds' },
    }),
  );
  return { names: Object.keys(result.final).filter((name) => name.endsWith('-mean')), at: result.measuredAt };
}

test('the first point gives the plain names, and the run says which one that was', async () => {
  assert.deepEqual(await measured('d-psgd', ['adapted', 'mixed']), {
    names: ['accuracy-mean', 'accuracy:mixed-mean'],
    at: 'adapted',
  });
  assert.deepEqual(await measured('d-psgd', 'mixed'), { names: ['accuracy-mean'], at: 'mixed' });
  assert.deepEqual(await measured('local-only', 'mixed'), { names: ['accuracy-mean'], at: 'adapted' });
});

for (const use of ['fedavg', 'fedrep']) {
  test(`${use} has both points: the server's average, and what a client made of it`, async () => {
    assert.deepEqual((await measured(use, ['mixed', 'adapted'])).names, [
      'accuracy-mean',
      'accuracy:adapted-mean',
    ]);
  });
}
