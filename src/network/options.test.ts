import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choice } from '../options/index.js';
import { Random } from '../random.js';
import { latencyList, latencyModel } from './latency/index.js';
import { capacitiesOf, checkNetwork, networkOptions } from './options.js';

const LEAST = { latency: { use: 'constant', value: '35ms' }, uplink: '10Mbps', downlink: 'unlimited' };

test('units become numbers, and defaults are filled in', () => {
  const { latency, sharing, ...rest } = networkOptions.parse(LEAST);
  assert.deepEqual([latency.entry.id, latency.options], ['constant', { value: 35e6 }]);
  assert.deepEqual([sharing.entry.id, sharing.options], ['fair', {}]);
  assert.deepEqual(rest, {
    uplink: 10e6,
    downlink: Number.POSITIVE_INFINITY,
    drop: 0,
    retry: { timeout: 1e9, tries: Number.POSITIVE_INFINITY },
    overrides: [],
  });
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['a bare number', { uplink: 10 }, /expected a bandwidth, such as "10Mbps", or "unlimited"/],
  ['NaN', { uplink: Number.NaN }, /expected a bandwidth/],
  ['a word', { uplink: 'fast' }, /or "unlimited"/],
  ['a bandwidth beyond the arithmetic', { uplink: '9001Gbps' }, /expected at most 9000Gbps/],
  ['a negative latency', { latency: { use: 'constant', value: '-1ms' } }, /expected a duration/],
  ['bounds in the wrong order', { latency: { use: 'uniform', from: '2ms', to: '1ms' } }, /not below `from`/],
  ['a negative sigma', { latency: { use: 'log-normal', median: '2ms', sigma: -1 } }, /sigma/],
  ['NaN as sigma', { latency: { use: 'log-normal', median: '2ms', sigma: Number.NaN } }, /sigma/],
  ['an unknown latency', { latency: { use: 'warp' } }, /latency/],
  ['a latency left out', { latency: undefined }, /latency/],
  ['an uplink left out', { uplink: undefined }, /expected a bandwidth/],
  ['a share beyond 100 %', { drop: '101%' }, /at most 100%/],
  ['a timeout of zero', { retry: { timeout: '0s' } }, /timeout above zero/],
  ['no try at all', { retry: { tries: 0 } }, /tries/],
  ['an unknown key', { jitter: '1ms' }, /jitter/],
  ['an unknown key of a latency', { latency: { use: 'constant', value: '1ms', sigma: 1 } }, /sigma/],
  ['an override of nothing', { overrides: [{ nodes: [1] }] }, /uplink or a downlink/],
  ['a range backwards', { overrides: [{ nodes: '3-1', uplink: '1bps' }] }, /expected nodes such as/],
  ['a zone without nodes', { zones: { rack: { uplink: '1Gbps' } } }, /nodes/],
  ['a core without its unit', { core: 10 }, /expected a bandwidth/],
  ['an empty window', { transport: { use: 'tcp', window: '0B' } }, /window of at least 1 byte/],
  ['a negative node', { overrides: [{ nodes: [-1], uplink: '1bps' }] }, /nodes/],
];

for (const [name, change, message] of REFUSED) {
  test(`the network refuses ${name}`, () => {
    const result = networkOptions.safeParse({ ...LEAST, ...change });
    assert.equal(result.success, false);
    assert.match(JSON.stringify(result.error?.issues).replaceAll('\\"', '"'), message);
  });
}

test('bandwidths and shares at their bounds are accepted', () => {
  const { uplink, drop, retry } = networkOptions.parse({
    ...LEAST,
    ...{ uplink: '9000Gbps', drop: '100%', retry: { timeout: '1ns', tries: 1 } },
  });
  assert.deepEqual([uplink, drop, retry], [9e12, 1, { timeout: 1, tries: 1 }]);
});

test('overrides apply in order to lists and ranges of nodes', () => {
  const options = networkOptions.parse({
    ...LEAST,
    overrides: [
      { nodes: '0-2, 4', uplink: '1Mbps', downlink: '2Mbps' },
      { nodes: [2], uplink: 'unlimited' },
    ],
  });
  const infinity = Number.POSITIVE_INFINITY;
  assert.deepEqual(capacitiesOf(options, 5), {
    uplink: [1e6, 1e6, infinity, 10e6, 1e6],
    downlink: [2e6, 2e6, 2e6, infinity, 2e6],
  });
  assert.throws(() => checkNetwork(options, 4), /expected nodes from 0 to 3, got 4/);
});

test('zones have nodes of the run, each in one zone, and a discipline that shares their links', () => {
  const check =
    (network: object, nodes = 4) =>
    () =>
      checkNetwork(networkOptions.parse({ ...LEAST, ...network }), nodes);
  const rack = { nodes: '0-1', uplink: '1Gbps' };
  check({ zones: { rack } })();
  assert.throws(check({ zones: { rack } }, 1), {
    path: 'network.zones.rack.nodes',
    message: /expected nodes from 0 to 0, got 1/,
  });
  assert.throws(check({ zones: { rack, other: { nodes: [3, 1] } } }), {
    path: 'network.zones.other.nodes',
    message: /expected nodes that are in no other zone, got 1, which is in "rack"/,
  });
  for (const shared of [{ zones: { rack } }, { core: '1Gbps' }])
    assert.throws(check({ ...shared, sharing: 'fifo' }), {
      path: 'network.sharing',
      message: /such as "fair", beside zones or a core, got "fifo"/,
    });
  // Without a limit there is nothing to share.
  check({ zones: { rack: { nodes: [0] } }, sharing: 'fifo' })();
});

test('latencies are whole nanoseconds within their bounds, and constant ones draw nothing', () => {
  const random = new Random('latency');
  const link = { from: 0, to: 1, now: 0 };
  const draw = (options: unknown) =>
    latencyModel(choice(latencyList).parse(options)).draw(() => random, link);
  const before = random.state();
  assert.equal(draw({ use: 'constant', value: '7ms' }), 7e6);
  assert.deepEqual(random.state(), before);
  for (let i = 0; i < 500; i++) {
    const uniform = draw({ use: 'uniform', from: '10ns', to: '15ns' });
    assert.ok(Number.isSafeInteger(uniform) && uniform >= 10 && uniform <= 15);
  }
  const tail = Array.from({ length: 501 }, () => draw({ use: 'log-normal', median: '10ms', sigma: 1 }));
  assert.ok(tail.every((latency) => Number.isSafeInteger(latency) && latency > 0));
  const median = tail.sort((a, b) => a - b)[250]!;
  assert.ok(median > 8e6 && median < 12e6, String(median));
});
