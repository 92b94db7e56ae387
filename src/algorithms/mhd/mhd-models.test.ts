/** MHD with models that differ, with workers, and what it is for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../../testing/plans.js';
import { runToEnd } from '../../testing/run.js';

const [HIDDEN, SAMPLES, HEADS] = [5, 7, 2];

const sketch = (algorithm: object, more: object) =>
  ({
    nodes: 2,
    data: { use: 'mnist', train: 60, test: 20, publicRows: 20, split: 'iid' },
    model: mixed(HIDDEN),
    topology: 'complete',
    algorithm: { use: 'mhd', auxiliaryHeads: HEADS, batch: 5, publicBatch: SAMPLES, ...algorithm },
    measure: { probes: ['accuracy', 'global-accuracy'] },
    ...more,
  }) as never;

const cnn = (units: number) => ({
  use: 'cnn',
  layers: [
    { use: 'conv', filters: 2, kernelSize: 5, stride: 4 },
    { use: 'relu' },
    { use: 'dense', units },
    { use: 'relu' },
  ],
});
const mixed = (units: number) => ({ use: 'mixed', models: [{ use: 'mlp', hidden: [HIDDEN] }, cnn(units)] });

test('an mlp and a cnn with embeddings of one size teach each other', async () => {
  const heads = (HEADS + 1) * (HIDDEN + 1) * 10;
  const lengths = [(784 + 1) * HIDDEN + heads, 26 * 2 + (72 + 1) * HIDDEN + heads];
  for (const [mode, bytes] of [
    ['predictions', 2 * SAMPLES * 4 * (HIDDEN + HEADS * 10)],
    ['checkpoint', 4 * (lengths[0]! + lengths[1]!)],
  ] as const) {
    const { result, samples } = await runToEnd(planOf(sketch({ mode, refresh: 1 }, {})));
    assert.equal(result.traffic.bytes.sent, 3 * (2 * 32 + bytes), mode);
    const heads = new Set(samples.filter(({ node }) => node === 1).map(({ metric }) => metric));
    assert.deepEqual(
      [...heads].filter((metric) => metric.startsWith('accuracy')),
      ['accuracy', 'accuracy:aux 1', 'accuracy:aux 2'],
    );
    const topology = { use: 'islands', size: 1, allowDisconnected: true };
    const alone = await runToEnd(planOf(sketch({ mode, refresh: 1 }, { topology })));
    assert.notEqual(result.fingerprints.params, alone.result.fingerprints.params);
  }
});

test('embeddings of different sizes are refused, unless nuEmb is 0', async () => {
  const given = (nuEmb: number) => sketch({ nuEmb }, { model: mixed(HIDDEN + 1) });
  await assert.rejects(runToEnd(planOf(given(1))), { name: 'UsageError', code: 'unequal-embeddings' });
  assert.equal((await runToEnd(planOf(given(0)))).result.rounds, 3);
});

test('a worker thread gives the same run as none', async () => {
  for (const mode of ['predictions', 'checkpoint']) {
    const plan = planOf(sketch({ mode, refresh: 2 }, { nodes: 4 }));
    const [inline, threaded] = [
      await runToEnd(plan, { backend: 'wasm', workers: 0 }),
      await runToEnd(plan, { backend: 'wasm', workers: 1 }),
    ];
    assert.deepEqual(threaded.result.fingerprints, inline.result.fingerprints);
  }
});

test('knowledge of other nodes moves up the chain of heads, and the main head keeps that of its own node', async () => {
  const given = sketch(
    { mode: 'checkpoint', refresh: 10, auxiliaryHeads: 3, batch: 16, publicBatch: 32, learningRate: 0.03 },
    {
      nodes: 4,
      data: {
        use: 'blobs',
        features: 40,
        classes: 8,
        train: 800,
        test: 400,
        publicRows: 300,
        split: { use: 'primary-labels', primary: 2 },
      },
      model: { use: 'mlp', hidden: [24] },
      measure: { every: '1000 rounds', probes: ['accuracy', 'global-accuracy'] },
      stop: { after: '300 rounds' },
    },
  );
  const { result } = await runToEnd(planOf(given), { backend: 'wasm', workers: 0 });
  const mean = (metric: string) => result.final[`${metric}-mean`]!;
  const chain = ['', ':aux 1', ':aux 2', ':aux 3'].map((head) => mean(`global-accuracy${head}`));
  for (const [k, accuracy] of chain.slice(1).entries()) assert.ok(accuracy > chain[k]!, chain.join());
  assert.ok(chain[3]! > chain[0]! + 0.2, chain.join());
  assert.ok(mean('accuracy') > mean('accuracy:aux 3'));
});
