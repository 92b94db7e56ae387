import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryScenario, planOf } from './index.js';
import { runToEnd } from './run.js';

test('every arbitrary scenario runs to its end, gives the same run twice, and balances its ledger', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScenario(), async (sketch) => {
      const { result, samples } = await runToEnd(planOf(sketch));
      const again = await runToEnd(planOf(sketch));
      assert.deepEqual(again.result.fingerprints, result.fingerprints);
      assert.deepEqual(again.samples, samples);
      assert.ok(['rounds', 'time'].includes(result.stopped), `${result.stopped}: ${result.explanation}`);
      const { sent, delivered, dropped, cut, inFlight } = result.traffic.messages;
      assert.equal(sent, delivered + dropped + cut + inFlight);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('without drops and faults every scenario finishes its rounds, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScenario({ drops: false, faults: false }), async (sketch) => {
      const { result } = await runToEnd(planOf(sketch));
      assert.equal(result.stopped, 'rounds');
      assert.equal(`${result.rounds} rounds`, sketch.stop?.after);
      const { sent, delivered, inFlight } = result.traffic.bytes;
      assert.equal(sent, delivered + inFlight);
      assert.equal(result.traffic.messages.retried, 0);
    }),
    { seed: 1, numRuns: 40 },
  );
});
