import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith } from '../../../test/support/latency.js';
import { logOf, Rig, readyFaults, runAudited } from '../../../test/support/network.js';
import { UsageError } from '../../errors.js';
import { Streams } from '../../random.js';

test('the nodes of a group go down and come up together', async () => {
  const faults = [{ use: 'group-down', nodes: [0, 2], at: '5ms', for: '2ms', task: 'lose' }];
  assert.deepEqual(await logOf({ nodes: 3, faults }), [
    '5000000 down 0 lose',
    '5000000 down 2 lose',
    '7000000 up 0',
    '7000000 up 2',
  ]);
});

test('a random outage of a group follows the stream of its name, whatever other groups there are', async () => {
  const times = { use: 'random-group-down', up: '60ms', down: '10ms' };
  const alone = [{ ...times, groups: { west: '1-2' } }];
  const more = [
    { ...times, groups: { east: [0, 3], west: '1-2' } },
    { use: 'random-node-down', nodes: [0], up: '5ms', down: '5ms' },
  ];
  const lines = await logOf({ nodes: 4, faults: alone, seed: 5 }, 1e9);
  const stream = new Streams(5).stream('group west/faults');
  let time = 0;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const isDown = i % 4 === 0;
    time += Math.ceil(stream.exponential(isDown ? 60e6 : 10e6));
    const expected = [1, 2].map((node) => (isDown ? `${time} down ${node} pause` : `${time} up ${node}`));
    assert.deepEqual(lines.slice(i, i + 2), expected);
  }
  assert.ok(lines.length >= 20);
  const ofWest = (log: readonly string[]) => log.filter((line) => /(down|up) [12]/.test(line));
  assert.deepEqual(ofWest(await logOf({ nodes: 4, faults: more, seed: 5 }, 1e9)), lines);
});

test('a group that is named twice is refused', () => {
  const fault = { use: 'random-group-down', up: '1s', down: '1s', groups: { west: [0] } };
  assert.throws(
    () => new Rig({ nodes: 2, faults: [fault, fault] }),
    (error) => error instanceof UsageError && error.path === 'faults.1.groups.west',
  );
});

const HEADER = 'node,from_s,to_s\n';

/** The log of a run of three nodes until 30 ms, with a trace. */
async function followed(lines: string, options: Record<string, unknown>): Promise<string[]> {
  const directory = folderWith({ 'up.csv': HEADER + lines });
  const ready = await readyFaults([{ use: 'trace', file: 'up.csv', ...options }], { nodes: 3, directory });
  const parts = { nodes: 3, ready };
  const log = await logOf(parts, 30e6);
  // Saved in the middle, it goes on to the same.
  const first = new Rig(parts).start();
  await first.kernel.run({ until: 9e6 });
  const second = new Rig(parts).load(structuredClone(first.save()));
  await runAudited(second, 30e6);
  assert.deepEqual([...first.log, ...second.log], log);
  return log.map((line) => {
    const [time, what, node] = line.split(' ');
    return `${Number(time) / 1e6} ${what} ${node}`;
  });
}

// Node 0 is up from 2 to 4 and from 6 to 10 ms; node 1 from 0 to 3 and from 7 to 10 ms; node 2 is not in the file.
const TRACE = '0,0.002,0.004\n1,0,0.003\n0,0.006,0.0085\n0,0.0085,0.010\n1,0.007,0.01\n';
const ONCE = ['0 down 0', '2 up 0', '3 down 1', '4 down 0', '6 up 0', '7 up 1'];

test('a trace says when nodes are up; then they are up, or down, for good', async () => {
  assert.deepEqual(await followed(TRACE, { after: 'up' }), ONCE);
  assert.deepEqual(await followed(TRACE, { after: 'down' }), [...ONCE, '10 down 0', '10 down 1']);
  const longer = await followed(TRACE, { after: 'up', period: '12ms' });
  assert.deepEqual(longer, [...ONCE, '10 down 0', '10 down 1', '12 up 0', '12 up 1']);
});

test('a trace that repeats begins again where its period ends, and who is up then and at its start stays up', async () => {
  const rest = [10, 20].flatMap((t) => [
    `${t} down 0`,
    `${t + 2} up 0`,
    `${t + 3} down 1`,
    `${t + 4} down 0`,
    `${t + 6} up 0`,
    `${t + 7} up 1`,
  ]);
  assert.deepEqual(await followed(TRACE, { after: 'repeat' }), [...ONCE, ...rest, '30 down 0']);
  const gap = await followed('0,0.001,0.002\n1,0,0.004\n', { after: 'repeat', period: '16ms' });
  assert.deepEqual(gap, [
    '0 down 0',
    '1 up 0',
    '2 down 0',
    '4 down 1',
    '16 up 1',
    '17 up 0',
    '18 down 0',
    '20 down 1',
  ]);
  assert.deepEqual(await followed('0,0,0.004\n', { after: 'repeat' }), []);
});

test('seconds are read exactly', async () => {
  const directory = folderWith({ 'up.csv': `${HEADER}0,0,8000000.123456789\n` });
  const ready = await readyFaults([{ use: 'trace', file: 'up.csv', after: 'down' }], { nodes: 1, directory });
  assert.deepEqual(await logOf({ nodes: 1, ready }), ['8000000123456789 down 0 pause']);
});

test('what is wrong in a trace is said with file and line', async () => {
  const told = async (text: string, options: Record<string, unknown> = {}): Promise<string> => {
    const directory = folderWith({ 'up.csv': text });
    const faults = [{ use: 'trace', file: 'up.csv', after: 'up', ...options }];
    const outcome = await readyFaults(faults, { nodes: 2, directory }).then(
      () => 'accepted',
      (error: unknown) => {
        if (error instanceof UsageError) return `${error.path}: ${error.message}`;
        throw error;
      },
    );
    return outcome;
  };
  const cases = {
    '0,0,1\n2,0,1\n': 'up.csv:3: expected a node from 0 to 1 as node, got "2"',
    '0,0,1\nx,0,1\n': 'up.csv:3: expected a node from 0 to 1 as node, got "x"',
    '0,4,5\n1,0,1\n0,1,2\n':
      'up.csv:4: expected the intervals of node 0 in order and without overlap, got from_s 1',
    '0,4,5\n0,4.5,6\n':
      'up.csv:3: expected the intervals of node 0 in order and without overlap, got from_s 4.5',
    '0,4,4\n': 'up.csv:2: expected a to_s above from_s, got 4',
    '0,4,\n': 'up.csv:2: expected a to_s, got an empty cell',
    '0,-1,4\n':
      'up.csv:2: expected seconds as from_s, with at most nine decimal places and below 10,000,000, got "-1"',
    '': 'expected lines below the first one, got none: up.csv',
  };
  for (const [lines, message] of Object.entries(cases))
    assert.equal(await told(HEADER + lines), `faults.0.file: ${message}`);
  const beyond = await told(`${HEADER}0,0,2\n`, { period: '1s' });
  assert.equal(beyond, 'faults.0.file: up.csv:2: expected a to_s within the period, got 2');
  assert.match(
    await told('node,from,to\n0,0,1\n'),
    /^faults.0.file: up.csv:1: expected the columns node, from_s, to_s/,
  );
});
