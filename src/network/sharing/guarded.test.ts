import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { logOf, Rig, runAudited } from '../../../test/support/network.js';
import { PluginError } from '../../errors.js';
import type { Attempt, Sharing, SharingEntry, SharingParts } from './sharing.js';

/** Every message takes a millisecond, whatever its size and the links; `change` replaces methods. */
function millisecond(change: (parts: SharingParts) => Partial<Sharing> = () => ({})) {
  const use: SharingEntry<unknown> = {
    id: 'millisecond',
    description: 'a sharing discipline of a test',
    options: z.strictObject({}),
    create(_options, parts) {
      const { kernel, arrive } = parts;
      const left = kernel.kind<number>('last-byte', ({ payload }) => {
        const attempt = parts.attempts.get(payload)!;
        attempt.event = -1;
        arrive(attempt, kernel.now + attempt.latency);
      });
      return {
        start(attempt) {
          attempt.startedAt = kernel.now;
          attempt.leftAt = kernel.now + 1e6;
          const { id: payload, leftAt: time } = attempt;
          attempt.event = kernel.schedule({ time, kind: left, target: attempt.message.from, payload });
        },
        arrived() {},
        cut(attempts, gone) {
          for (const attempt of attempts) {
            kernel.cancel(attempt.event);
            gone(attempt, attempt.leftAt <= kernel.now ? attempt.bytes : 0);
          }
        },
        busy: () => ({ uplink: 0, downlink: 0 }),
        save: () => ({ plain: 'data' }),
        load(state) {
          assert.deepEqual(state, { plain: 'data' });
        },
        ...change(parts),
      };
    },
  };
  return {
    nodes: 2,
    network: { sharing: { use }, uplink: '1kbps', latency: { use: 'constant', value: '2ms' } },
    sends: [
      { at: 0, from: 0, to: 1 },
      { at: 500, from: 1, to: 0 },
    ],
  };
}

test('a discipline of the user’s own decides when messages arrive', async () => {
  const expected = ['3000000 delivered 0>1 #0', '3000500 delivered 1>0 #0'];
  assert.deepEqual(await logOf(millisecond()), expected);
});

test('a node that goes down cuts the attempts that a discipline of the user’s own has under way', async () => {
  const rig = new Rig({ ...millisecond(), faults: [{ use: 'node-down', node: 0, at: '1000400ns' }] }).start();
  await runAudited(rig);
  assert.deepEqual(rig.log, ['1000400 down 0 pause', '3000000 delivered 0>1 #0']);
  const { messages, bytes } = rig.ledger.totals();
  assert.deepEqual([messages.delivered, messages.cut, bytes.cut, bytes.unsent], [1, 1, 0, 1000]);
});

test('a run with a discipline of the user’s own continues from a saved state', async () => {
  const first = new Rig(millisecond()).start();
  await first.kernel.run({ until: 2_000_000 });
  const second = new Rig(millisecond()).load(structuredClone(first.save()));
  await runAudited(second);
  assert.deepEqual(second.log, await logOf(millisecond()));
});

test('errors that a discipline throws or causes name it', async () => {
  const fail = (): never => {
    throw new RangeError('no way');
  };
  const second = ({ arrive }: SharingParts) => ({
    start(attempt: Attempt) {
      arrive(attempt, 5);
      arrive(attempt, 5);
    },
  });
  const cases: readonly (readonly [(parts: SharingParts) => Partial<Sharing>, string])[] = [
    [() => ({ start: fail }), 'no way'],
    [() => ({ arrived: fail }), 'no way'],
    [
      ({ arrive }) => ({ start: (attempt) => arrive(attempt, 0.5) }),
      'expected whole nanoseconds of at least 0, which is now, as the time of an arrival, got 0.5',
    ],
    [second, 'expected one arrival for each attempt, got a second one'],
    [
      ({ kernel }) => ({
        start: () => void kernel.schedule({ time: 7, kind: kernel.kind('broken', fail), target: 0 }),
      }),
      'no way',
    ],
  ];
  for (const [change, message] of cases) {
    const { sends, ...parts } = millisecond(change);
    await assert.rejects(logOf({ ...parts, sends: sends.slice(0, 1) }), (error) => {
      assert.ok(error instanceof PluginError, String(error));
      assert.equal(error.message, `sharing discipline "millisecond": ${message}`);
      return true;
    });
  }
});

test('a discipline with constant links says so where a bandwidth changes', () => {
  const parts = millisecond();
  const rig = new Rig({ ...parts, network: { ...parts.network, uplink: '1Mbps' } });
  assert.throws(
    () => rig.network.setCapacity({ node: 1, link: 'uplink', bandwidth: 5 }),
    /expected a sharing discipline with bandwidths that may change/,
  );
});
