import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenQuadratics } from '../../test/support/given-quadratics.js';
import { lastParams, paramsProbe, planOf } from '../testing/index.js';
import { runToEnd } from '../testing/run.js';

test('every node trains alone, nothing is sent, and drops and faults need no deadline', async () => {
  const run = await runToEnd(
    planOf({
      nodes: 2,
      data: givenQuadratics([
        [1, 4],
        [1, 8],
      ]),
      model: 'quadratic',
      algorithm: { use: 'local-only', localSteps: 1, batch: 1, learningRate: 0.5 },
      network: { drop: '50%' },
      faults: [{ use: 'node-down', node: 1, at: '1ns', for: '2ns', task: 'lose' }],
      measure: { probes: [{ use: paramsProbe }] },
      stop: { after: '2 rounds' },
    }),
  );
  assert.deepEqual(lastParams(run), [[3], [6]]);
  assert.equal(run.result.traffic.messages.sent, 0);
  // A step costs 5 + 2 FLOPs at 1 GFLOPS: the second node starts anew after 3 ns.
  assert.equal(run.result.time, 3 + 7 + 7);
});
