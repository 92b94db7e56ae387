/** Learning on real images: with others where data are alike, alone where they are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Execution, Plan } from '../src/simulation/plan.js';
import { planOf } from '../src/testing/index.js';
import { runToEnd } from '../src/testing/run.js';

const WASM: Execution = { backend: 'wasm', workers: 0 };

/** 16 nodes, 10,000 samples of MNIST, 30 rounds. */
function mnist(seed: number, split: unknown, algorithm: string): Plan {
  return planOf({
    seed,
    nodes: 16,
    data: { use: 'mnist', train: 10_000, test: 2000, split },
    model: { use: 'mlp', hidden: [64] },
    topology: 'ring',
    algorithm: { use: algorithm, localSteps: 10, batch: 32, learningRate: 0.3 },
    measure: { every: '1000000 rounds', probes: ['global-accuracy'] },
    stop: { after: '30 rounds' },
  });
}

const SEEDS = [1, 2, 3];

for (const seed of SEEDS) {
  test(`an mlp learns mnist to 90 % over a ring where data are iid, and alone on skewed data it does not (seed ${seed})`, async () => {
    const together = await runToEnd(mnist(seed, 'iid', 'd-psgd'), WASM);
    const reached = together.result.final['global-accuracy-mean']!;
    assert.ok(reached >= 0.9, `mean test accuracy ${reached}`);
    const alone = await runToEnd(mnist(seed, { use: 'classes-per-node', classes: 3 }, 'local-only'), WASM);
    const fallen = alone.result.final['global-accuracy-mean']!;
    assert.ok(fallen < 0.9 - 0.2, `mean test accuracy ${fallen} alone`);
    assert.ok(fallen > 0.2, `${fallen}: but each node learns its own classes`);
  });
}
