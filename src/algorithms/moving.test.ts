/** Every algorithm bears topologies that change and nodes that come and go, or refuses them before the run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { algorithms } from './index.js';

const SKETCH: PlanSketch = {
  nodes: 5,
  data: {
    use: 'blobs',
    publicRows: 20,
    features: 6,
    classes: 3,
    train: 103,
    test: 30,
    validation: '20%',
    split: { use: 'dirichlet', alpha: 1 },
  },
  model: { use: 'mlp', hidden: [4] },
  compute: { use: 'choice', speeds: ['3MFLOPS', '5MFLOPS'] },
  stop: { after: '6 rounds', at: '1h', diverged: 'continue' },
};

const CHANGES: Readonly<Record<string, Pick<PlanSketch, 'topology' | 'faults'>>> = {
  'links that change from round to round': { topology: 'random-matching' },
  'a node that leaves': { topology: 'complete', faults: [{ use: 'leave', nodes: [1], at: '30ms' }] },
  'a node that joins late': { topology: 'ring', faults: [{ use: 'late-join', nodes: [1], at: '30ms' }] },
};

/** How a run ended, or the code of the error by which it was refused. */
async function endOf(algorithm: AnyAlgorithm, change: PlanSketch, options: object): Promise<string> {
  const { topology, ...rest } = change;
  const links = algorithm.roles ? {} : { topology };
  try {
    const plan = planOf({
      ...SKETCH,
      ...rest,
      ...links,
      algorithm: { ...options, use: algorithm },
    } as PlanSketch);
    return (await runToEnd(plan)).result.stopped;
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
}

for (const algorithm of algorithms) {
  test(`${algorithm.id} bears what moves, or refuses it`, async () => {
    for (const [name, change] of Object.entries(CHANGES)) {
      if (algorithm.roles && change.faults === undefined) continue;
      let end = await endOf(algorithm, change, {});
      if (end === 'no-deadline') end = await endOf(algorithm, change, { deadline: '400ms' });
      const expected = algorithm.fixedTopology ? 'fixed-topology' : 'rounds';
      assert.equal(end, expected, name);
    }
  });
}

for (const algorithm of algorithms.filter(({ roles }) => roles === undefined)) {
  test(`${algorithm.id} runs on links in one direction, or refuses them`, async () => {
    const own = algorithm.options.safeParse({ mixing: 'uniform' }).success ? { mixing: 'uniform' } : {};
    const end = await endOf(algorithm, { topology: 'directed-ring' }, own);
    assert.equal(end, algorithm.undirected ? 'asymmetric-topology' : 'rounds');
  });
}
