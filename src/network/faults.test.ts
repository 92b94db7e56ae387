import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logOf, Rig } from '../../test/support/network.js';
import { UsageError } from '../errors.js';
import { Streams } from '../random.js';

const down = (node: number, at: string, more: Record<string, string> = {}) => ({
  use: 'node-down',
  node,
  at,
  ...more,
});

test('a node is down from `at` for the given time, or for good', async () => {
  const faults = [down(0, '5ms', { for: '2ms', task: 'lose' }), down(1, '6ms')];
  assert.deepEqual(await logOf({ nodes: 2, faults }), [
    '5000000 down 0 lose',
    '6000000 down 1 pause',
    '7000000 up 0',
  ]);
});

test('faults that overlap are one: the node is down while any of them holds it', async () => {
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

test('a fault of another node, or a listed one, shifts nothing of a random one', async () => {
  const one = { use: 'random-node-down', nodes: [1], up: '60ms', down: '10ms' };
  const more = [down(0, '1ms', { for: '30ms' }), { ...one, nodes: '2-3' }, one];
  const of = (log: string[]) => log.filter((line) => /(down|up) 1/.test(line));
  const alone = of(await logOf({ nodes: 4, faults: [one] }, 1e9));
  assert.ok(alone.length > 0);
  assert.deepEqual(of(await logOf({ nodes: 4, faults: more }, 1e9)), alone);
});

test('without a list of nodes every learner goes down at random', async () => {
  const log = await logOf({ nodes: 5, faults: [{ use: 'random-node-down', up: '1ms', down: '1ms' }] }, 1e8);
  for (let node = 0; node < 5; node++) assert.ok(log.some((line) => line.endsWith(`down ${node} pause`)));
});

test('a fault of an unknown node is refused, as is one node in two random faults', () => {
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
