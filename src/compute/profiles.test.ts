import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { type ProfileEntry, profiles, speedsOf, taskDuration } from './profiles.js';

function speeds(id: string, options: unknown, nodes = 10, seed = 'devices'): number[] {
  const entry = profiles.find((profile) => profile.id === id)!;
  return [...entry.speeds(entry.options.parse(options), { nodes, random: new Random(seed) })];
}

function problem(id: string, options: unknown): string {
  const entry = profiles.find((profile) => profile.id === id)!;
  const { error } = entry.options.safeParse(options);
  return error ? error.issues.map(({ message }) => message).join('; ') : 'none';
}

test('a constant profile gives every node its speed', () => {
  assert.deepEqual(speeds('constant', { speed: '2GFLOPS' }, 3), [2e9, 2e9, 2e9]);
  assert.deepEqual(speeds('constant', {}, 1), [1e10]);
});

test('a choice gives exact shares, by largest remainder', () => {
  const count = (all: number[], speed: number) => all.filter((one) => one === speed).length;
  const ten = speeds('choice', { speeds: ['2GFLOPS', '10GFLOPS'], shares: [0.7, 0.3] });
  assert.deepEqual([count(ten, 2e9), count(ten, 1e10)], [7, 3]);
  const sixteen = speeds('choice', { speeds: ['2GFLOPS', '10GFLOPS'], shares: [0.7, 0.3] }, 16);
  assert.deepEqual([count(sixteen, 2e9), count(sixteen, 1e10)], [11, 5]);
  const equal = speeds('choice', { speeds: ['1FLOPS', '2FLOPS', '3FLOPS'] }, 7);
  assert.deepEqual(
    [1, 2, 3].map((speed) => count(equal, speed)),
    [3, 2, 2],
  );
});

test('which node is which kind of device depends on the stream, and only on it', () => {
  const options = { speeds: ['1FLOPS', '2FLOPS'], shares: [0.5, 0.5] };
  assert.deepEqual(speeds('choice', options, 20, 'a'), speeds('choice', options, 20, 'a'));
  assert.notDeepEqual(speeds('choice', options, 20, 'a'), speeds('choice', options, 20, 'b'));
});

test('log-normal speeds have the median and the spread of the options', () => {
  const logs = speeds('log-normal', { median: '4GFLOPS', sigma: 0.5 }, 4000).map((one) =>
    Math.log(one / 4e9),
  );
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  assert.ok(Math.abs(mean) < 0.03, `mean of logs ${mean}`);
  assert.ok(Math.abs(Math.sqrt(variance) - 0.5) < 0.02, `deviation of logs ${Math.sqrt(variance)}`);
  assert.deepEqual(speeds('log-normal', { median: '4GFLOPS', sigma: 0 }, 2), [4e9, 4e9]);
});

test('impossible options are refused, and the error says what was expected', () => {
  const two = ['1GFLOPS', '2GFLOPS'];
  assert.match(
    problem('choice', { speeds: two, shares: [0.7, 0.2] }),
    /shares that sum to 1, got a sum of 0\.89/,
  );
  assert.match(problem('choice', { speeds: two, shares: [1] }), /expected 2 shares, one per speed, got 1/);
  assert.match(problem('choice', { speeds: [] }), />=1 items/);
  assert.match(problem('constant', { speed: 5 }), /expected a speed, such as "2GFLOPS"/);
  assert.match(problem('constant', { speed: '5' }), /expected a speed/);
  assert.match(problem('constant', { sped: '5GFLOPS' }), /Unrecognized key: "sped"/);
  assert.match(problem('log-normal', { sigma: -1 }), />=0/);
  assert.match(problem('log-normal', { sigma: 5.01 }), /<=5/);
  assert.equal(problem('log-normal', { sigma: 5 }), 'none');
});

test('speeds that are none are refused: an error of the user for a profile of ours, else of the profile', () => {
  const context = { nodes: 2, random: new Random('unused') };
  const given = (speeds: unknown, id = 'own') => {
    const entry = { ...profiles[0]!, id, speeds: () => speeds } as ProfileEntry;
    return speedsOf({ entry, options: {} }, context);
  };
  assert.deepEqual([...given(Float64Array.of(1, 2))], [1, 2]);
  for (const wrong of [[1, 2], Float64Array.of(1), new Float32Array([1, 2])])
    assert.throws(() => given(wrong), /compute profile "own": expected a Float64Array with the speeds of 2/);
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => given(Float64Array.of(1, wrong)), {
      name: 'PluginError',
      message: `compute profile "own": expected finite speeds above 0 FLOPS, got ${wrong} for node 1`,
    });
  const ours = { entry: profiles[0]!, options: { speed: Number.POSITIVE_INFINITY } };
  assert.throws(() => speedsOf(ours, context), { code: 'bad-speed', path: 'compute' });
});

test('a duration is FLOPs by speed, rounded up to the nanosecond', () => {
  assert.equal(taskDuration(2e9, 2e9), 1e9);
  assert.equal(taskDuration(3, 1e9), 3);
  assert.equal(taskDuration(1, 3e9), 1);
  assert.equal(taskDuration(0, 1e9), 0);
  assert.equal(taskDuration(1e6, 3e9), 333_334);
});

test('a task of more than 104 days is refused', () => {
  assert.throws(() => taskDuration(1e16, 1), UsageError);
  assert.throws(() => taskDuration(Number.NaN, 1e9), /finite number of FLOPs/);
});
