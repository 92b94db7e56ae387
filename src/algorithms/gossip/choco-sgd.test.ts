import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix } from 'ml-matrix';
import { givenQuadratics } from '../../../test/support/given-quadratics.js';
import {
  assertSame,
  distanceToOptimum,
  GRAPHS,
  gradientsAt,
  paramsAfter,
  plus,
  ROWS,
  start,
} from '../../../test/support/quadratic-recursions.js';
import { UsageError } from '../../errors.js';
import { planOf } from '../../testing/index.js';
import { readAtEnd, runToEnd } from '../../testing/run.js';

/** The three largest magnitudes of each row, all others 0. */
function topThree(x: Matrix): Matrix {
  return new Matrix(
    x.to2DArray().map((row) => {
      const least = row.map(Math.abs).sort((a, b) => b - a)[2]!;
      return row.map((value) => (Math.abs(value) >= least ? value : 0));
    }),
  );
}

for (const { graph, topology, weights } of GRAPHS) {
  test(`rounds are those of the paper: top-k of the differences to the public copies, on ${graph}`, async () => {
    let x = start();
    let copies = start();
    for (let round = 0; round < 9; round++) {
      const half = plus(x, gradientsAt(x), -0.1);
      copies = plus(copies, topThree(Matrix.sub(half, copies)));
      x = plus(half, Matrix.sub(weights.mmul(copies), copies), 0.4);
    }
    const codec = { use: 'top-k', fraction: '30%' };
    assertSame(await paramsAfter(9, { use: 'choco-sgd', codec, consensusStep: 0.4 }, { topology }), x);
  });
}

test('without compression and with a consensus step of 1 it ends where D-PSGD does; with top-k it is not nearer to the optimum', async () => {
  const exact = { use: 'choco-sgd', codec: 'float32', consensusStep: 1 };
  const distance = distanceToOptimum(await paramsAfter(300, exact));
  assert.ok(Math.abs(distance - 2.2335) < 2e-4, `${distance}`);
  const compressed = distanceToOptimum(await paramsAfter(600, { use: 'choco-sgd' }));
  assert.ok(compressed > 2.2335 && compressed < 5, `${compressed}`);
});

const sketch = {
  nodes: ROWS.length,
  data: givenQuadratics(ROWS),
  model: 'quadratic',
  algorithm: { use: 'choco-sgd', batch: 1, codec: { use: 'qsgd', levels: 3 }, reliable: true },
  network: { drop: '20%' },
  stop: { after: '7 rounds' },
};

test('all holders of a copy have the same bits, on a network that drops messages too', async () => {
  await readAtEnd(planOf(sketch), (world) => {
    const states = world.actors.save();
    for (let node = 0; node < ROWS.length; node++) {
      const { own } = states[node]!.state as { own: { copies: Float32Array[] } };
      for (const [k, from] of world.topology.of(node).in.entries()) {
        const holder = states[from]!.state as { own: { copy: Float32Array } };
        assert.deepEqual(own.copies[k], holder.own.copy);
      }
    }
  });
});

test('codecs that lose more than they send, or that keep what was left out themselves, are refused', async () => {
  const refusal = (codec: object | string, message: RegExp) =>
    assert.rejects(
      async () =>
        runToEnd(planOf({ ...sketch, network: {}, algorithm: { use: 'choco-sgd', codec } } as never)),
      message,
    );
  await refusal({ use: 'qsgd', norm: 'l2', levels: 1 }, /loses less than it sends.*scaled: true/);
  await refusal({ use: 'error-feedback', codec: 'sign' }, /error-feedback/);
  await refusal({ use: 'delta', codec: 'sign' }, /delta/);
  const scaled = { use: 'qsgd', norm: 'l2', levels: 1, scaled: true };
  const distance = distanceToOptimum(
    await paramsAfter(600, { use: 'choco-sgd', codec: scaled, consensusStep: 0.1, learningRate: 0.01 }),
  );
  assert.ok(distance < 5, `${distance}`);
});

test('mixing weights that move the mean over the nodes are refused', async () => {
  for (const use of ['choco-sgd', 'gradient-tracking', 'moniqua']) {
    const on = (topology: string) => paramsAfter(1, { use, mixing: 'uniform' }, { topology });
    await assert.rejects(on('star'), { code: 'unkept-mean', path: 'algorithm.mixing' });
    await on('ring');
  }
});

test('a message of qsgd has its bytes', async () => {
  const { result } = await runToEnd(planOf({ ...sketch, network: {} } as never));
  // 7 rounds, 32 links: 4 for the norm of a bucket, 10 levels of 3 bits.
  assert.equal(result.traffic.bytes.sent, 7 * 32 * (32 + 4 + 4));
});

test('where a difference may be lost it refuses to run, and says what to do', async () => {
  const refusal = (change: object, message: RegExp) =>
    assert.rejects(
      runToEnd(planOf({ ...sketch, ...change })),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  await refusal({ algorithm: { use: 'choco-sgd' } }, /expected algorithm.reliable: true/);
  await refusal({ network: { drop: '20%', retry: { tries: 3 } } }, /expected network.retry without/);
  await refusal({ topology: 'one-peer-exponential', network: {} }, /the same in all rounds/);
  await refusal({ faults: [{ use: 'node-down', node: 1, at: '1s', for: '1s' }] }, /without faults/);
});
