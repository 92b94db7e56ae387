import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { logOf, Rig, runAudited } from '../../../test/support/network.js';
import { PluginError, UsageError } from '../../errors.js';
import { Streams } from '../../random.js';
import type { AnyFault, FaultActions, FaultPlanning } from './fault.js';

const down = (node: number, at: string, more: Record<string, string> = {}) => ({
  use: 'node-down',
  node,
  at,
  ...more,
});

test('a node is down from `at` for the given time, or until the end of the run', async () => {
  const faults = [down(0, '5ms', { for: '2ms', task: 'lose' }), down(1, '6ms')];
  assert.deepEqual(await logOf({ nodes: 2, faults }), [
    '5000000 down 0 lose',
    '6000000 down 1 pause',
    '7000000 up 0',
  ]);
});

test('a node is down while at least one of several overlapping faults holds it', async () => {
  const faults = [down(0, '1ms', { for: '4ms' }), down(0, '2ms', { for: '1ms', task: 'lose' })];
  const later = [...faults, down(0, '4ms', { for: '5ms' })];
  assert.deepEqual(await logOf({ nodes: 1, faults }), ['1000000 down 0 pause', '5000000 up 0']);
  assert.deepEqual(await logOf({ nodes: 1, faults: later }), ['1000000 down 0 pause', '9000000 up 0']);
});

test('a node that goes down at random follows the exponential draws of its own stream', async () => {
  const faults = [{ use: 'random-node-down', nodes: [1], up: '60ms', down: '10ms' }];
  const log = await logOf({ nodes: 2, faults, seed: 5 }, 1e9);
  const stream = new Streams(5).stream('node 1/faults');
  let time = 0;
  for (const [i, line] of log.entries()) {
    time += Math.ceil(stream.exponential(i % 2 === 0 ? 60e6 : 10e6));
    assert.equal(line, i % 2 === 0 ? `${time} down 1 pause` : `${time} up 1`);
  }
  assert.ok(log.length >= 10);
});

test('a fault of another node, or one at a stated time, does not change the draws of a random fault', async () => {
  const one = { use: 'random-node-down', nodes: [1], up: '60ms', down: '10ms' };
  const more = [down(0, '1ms', { for: '30ms' }), { ...one, nodes: '2-3' }, one];
  const of = (log: string[]) => log.filter((line) => /(down|up) 1/.test(line));
  const alone = of(await logOf({ nodes: 4, faults: [one] }, 1e9));
  assert.ok(alone.length > 0);
  assert.deepEqual(of(await logOf({ nodes: 4, faults: more }, 1e9)), alone);
});

test('by default random faults concern every learner', async () => {
  const log = await logOf({ nodes: 5, faults: [{ use: 'random-node-down', up: '1ms', down: '1ms' }] }, 1e8);
  for (let node = 0; node < 5; node++) assert.ok(log.some((line) => line.endsWith(`down ${node} pause`)));
});

test('a fault of an unknown node is refused, and so is one node in two random faults', () => {
  const random = { use: 'random-node-down', up: '1s', down: '1s' };
  const codeOf = (faults: Record<string, unknown>[]) => {
    try {
      new Rig({ nodes: 3, faults });
    } catch (error) {
      if (error instanceof UsageError) return `${error.code} ${error.path}`;
      throw error;
    }
    return 'accepted';
  };
  assert.equal(codeOf([down(2, '1s')]), 'accepted');
  assert.equal(codeOf([down(3, '1s')]), 'unknown-node faults.0.node');
  assert.equal(codeOf([down(0, '1s'), { ...random, nodes: [1, 7] }]), 'unknown-node faults.1.nodes');
  assert.equal(codeOf([{ ...random, nodes: [1] }, random]), 'repeated-node faults.1.nodes');
});

/** A fault without options, of the user's own. */
const own = (parts: Pick<AnyFault, 'start' | 'on'> & Partial<AnyFault>) => ({
  use: { id: 'own', description: 'a fault of a test', options: z.strictObject({}), ...parts },
});

/** Nodes 1 and 2 go down together, at a drawn time, and come up one after the other. */
const outage = own({
  start(_options: unknown, { schedule, random }: FaultPlanning) {
    schedule({ event: 'outage', time: 1 + random('region west').integer(1e6), target: 7, payload: [1, 2] });
  },
  on: {
    outage({ time, payload }, _options: unknown, { schedule, hold }: FaultActions) {
      for (const node of payload as number[]) {
        schedule({ event: 'node-up', time: time + 10 * node, target: node });
        hold(node, 'lose');
      }
    },
    'node-up': ({ target }, _options: unknown, { release }: FaultActions) => release(target),
  },
});

test('a fault of the user’s own has events, payloads and streams of its own', async () => {
  const time = 1 + new Streams(1).stream('region west/faults').integer(1e6);
  const expected = [`${time} down 1 lose`, `${time} down 2 lose`, `${time + 10} up 1`, `${time + 20} up 2`];
  assert.deepEqual(await logOf({ nodes: 3, faults: [outage] }), expected);
});

test('faults whose events have the same name get only their own events', async () => {
  const faults = [down(0, '5ms', { for: '1ms' }), outage, down(1, '7ms', { for: '1ms' })];
  const log = await logOf({ nodes: 3, faults });
  assert.equal(log.length, 8);
  assert.deepEqual(log.slice(4), [
    '5000000 down 0 pause',
    '6000000 up 0',
    '7000000 down 1 pause',
    '8000000 up 1',
  ]);
});

test('a run with a fault of the user’s own continues from a saved state', async () => {
  const parts = { nodes: 3, faults: [outage] };
  const whole = await logOf(parts);
  const first = new Rig(parts).start();
  await first.kernel.run({ stop: () => first.log.length > 2 });
  const second = new Rig(parts).load(structuredClone(first.save()));
  assert.deepEqual([second.network.isUp(1), second.network.isUp(2)], [true, false]);
  await runAudited(second);
  assert.deepEqual([...first.log, ...second.log], whole);
});

test('an impossible request of a fault ends the run with an error that names the fault and its event', async () => {
  const at = (act: (actions: FaultActions) => void) =>
    own({
      start: (_options, { schedule }) => schedule({ event: 'strike', time: 5, target: 1 }),
      on: { strike: (_event, _options, actions) => act(actions) },
    });
  const cases: readonly (readonly [(actions: FaultActions) => void, string])[] = [
    [({ hold }) => hold(3, 'pause'), 'expected a node from 0 to 2, got 3'],
    [({ release }) => release(0), 'expected release of a node that a fault holds, got node 0, which is up'],
    [
      ({ schedule }) => schedule({ event: 'strick', time: 6, target: 0 }),
      'expected schedule to name one of its events (strike), got "strick"',
    ],
    [
      ({ schedule }) => schedule({ event: 'strike', time: 4, target: 0 }),
      'expected whole nanoseconds of at least 5, which is now, as the time of "strike", got 4',
    ],
    [
      ({ schedule }) => schedule({ event: 'strike', time: 6, target: 0.5 }),
      'expected a 32-bit integer, such as the number of a node, as the target of "strike", got 0.5',
    ],
  ];
  for (const [act, message] of cases) {
    await assert.rejects(logOf({ nodes: 3, faults: [at(act)] }), (error) => {
      assert.ok(error instanceof PluginError);
      assert.equal(error.message, `fault "own", strike of 1, at 5 ns (5 ns): ${message}`);
      return true;
    });
  }
});

test('at the start of a run a fault can schedule events, but not take hold of a node', () => {
  const early = own({ start: (_options, planning) => (planning as FaultActions).hold(0, 'pause'), on: {} });
  assert.throws(() => new Rig({ nodes: 1, faults: [early] }).start(), /fault "own": .*not a function/);
});

test('a fault without handlers is refused, and so is one whose event has the name of an event of the simulation', () => {
  const start = () => {};
  const build = (parts: Pick<AnyFault, 'start' | 'on'>) => () => new Rig({ nodes: 1, faults: [own(parts)] });
  assert.throws(build({ start, on: { 'message-arrival': start } }), {
    name: 'PluginError',
    message:
      'fault "own": expected a name that the simulation does not use for its own events, got "message-arrival"; rename the event',
  });
  assert.throws(build({ start } as never), {
    name: 'PluginError',
    message:
      'fault "own": expected `on` to be an object with one handler for each of its events, got undefined',
  });
});

test('what a fault throws while it looks at its options is an error of the fault', () => {
  const check = () => {
    throw new RangeError('no such luck');
  };
  const broken = own({ start: () => {}, on: {}, check });
  assert.throws(() => new Rig({ nodes: 1, faults: [broken] }), {
    name: 'PluginError',
    message: 'fault "own": no such luck',
  });
});

test('the path of a mistake that a fault finds in its options begins with the path of the fault', () => {
  const check = () => {
    throw new UsageError('too-soon', 'expected a later time, got 1s', 'at');
  };
  const fussy = own({ start: () => {}, on: {}, check });
  assert.throws(() => new Rig({ nodes: 1, faults: [down(0, '1s'), fussy] }), {
    name: 'UsageError',
    code: 'too-soon',
    path: 'faults.1.at',
  });
});
