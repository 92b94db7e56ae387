// Workload F (max-min fair network) and the network's share of W3 (messages with latency and ledger only).
import { Kernel } from '../../dist/src/kernel/kernel.js';
import { Trace } from '../../dist/src/kernel/trace.js';
import { latencyModel } from '../../dist/src/network/latency/index.js';
import { Ledger } from '../../dist/src/network/ledger.js';
import { Network } from '../../dist/src/network/network.js';
import { networkOptions } from '../../dist/src/network/options.js';
import { Random, Streams } from '../../dist/src/random.js';

// The size of a softmax regression 784-10 in float32.
const MODEL_BYTES = 4 * 7850;

/** `degree` receivers for each node: the same offsets for all, so every node also receives from `degree` nodes. */
function regularOffsets(nodes, degree) {
  const random = new Random('bench/topology');
  const offsets = new Set();
  while (offsets.size < degree) offsets.add(1 + random.integer(nodes - 1));
  return [...offsets];
}

/** Bandwidths from 5 to 50 Mbps, no two alike. */
function unequalLinks(nodes) {
  const random = new Random('bench/links');
  const bandwidth = () => `${5_000_000 + random.integer(45_000_000)}bps`;
  return Array.from({ length: nodes }, (_, node) => ({
    nodes: [node],
    uplink: bandwidth(),
    downlink: bandwidth(),
  }));
}

function bodyOf(bytes) {
  return { bytes: new Uint8Array(bytes), indexBytes: 0, valuesBytes: bytes, headerBytes: 0, crc32: 1 };
}

/** A network on a kernel of its own; `delivered` is called for every message that arrives. */
function networkOf({ nodes, options, delivered }) {
  const kernel = new Kernel({ trace: new Trace() });
  const parsed = networkOptions.parse(options);
  const network = new Network({
    nodes,
    options: parsed,
    latency: latencyModel(parsed.latency),
    kernel,
    streams: new Streams(1),
    ledger: new Ledger(['model']),
    handlers: { delivered, undelivered() {}, down() {}, up() {} },
  });
  return { kernel, network };
}

/** Runs to the end after `begin`, and returns messages per second. `count` says how many have arrived. */
async function throughput({ kernel, network }, { begin, count, expected }) {
  const start = process.hrtime.bigint();
  begin();
  await kernel.run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  network.audit();
  if (count() !== expected) throw new Error(`${count()} messages were delivered, not ${expected}`);
  return expected / seconds;
}

/**
 * Rounds without a barrier between nodes: each sends its next round to all of its receivers as soon as all its
 * senders' messages of the present round are there.
 */
function inRounds({ nodes, degree, rounds, body, options }) {
  const offsets = regularOffsets(nodes, degree);
  const arrived = new Int32Array(nodes * rounds);
  const present = new Int32Array(nodes);
  let count = 0;
  const send = (node) => {
    for (const offset of offsets) {
      const to = (node + offset) % nodes;
      parts.network.send({ from: node, to, type: 0, round: present[node], body, reliable: false });
    }
  };
  const delivered = ({ to, round }) => {
    count++;
    arrived[to * rounds + round]++;
    while (present[to] < rounds && arrived[to * rounds + present[to]] === degree) {
      if (++present[to] < rounds) send(to);
    }
  };
  const parts = networkOf({ nodes, options, delivered });
  return throughput(parts, {
    begin() {
      for (let node = 0; node < nodes; node++) send(node);
    },
    count: () => count,
    expected: nodes * degree * rounds,
  });
}

/** Every node sends to all of its receivers `rounds` times, at times drawn uniformly from `duration` nanoseconds. */
function atRandom({ nodes, degree, rounds, body, options, duration }) {
  const offsets = regularOffsets(nodes, degree);
  const random = new Random('bench/times');
  let count = 0;
  const parts = networkOf({ nodes, options, delivered: () => count++ });
  const { kernel, network } = parts;
  const sends = kernel.kind('bench-send', ({ target: from, payload: round }) => {
    for (const offset of offsets) {
      network.send({ from, to: (from + offset) % nodes, type: 0, round, body, reliable: false });
    }
  });
  return throughput(parts, {
    begin() {
      for (let node = 0; node < nodes; node++) {
        for (let round = 0; round < rounds; round++) {
          kernel.schedule({ time: random.integer(duration), kind: sends, target: node, payload: round });
        }
      }
    },
    count: () => count,
    expected: nodes * degree * rounds,
  });
}

const latency = { use: 'constant', value: '20ms' };

/** 10,000 nodes with unequal links that send to 8 others at random times, at which `load` of the uplinks' capacity is used. */
function atLoad(load, rounds) {
  const degree = 8;
  return atRandom({
    nodes: 10_000,
    degree,
    rounds,
    body: bodyOf(MODEL_BYTES),
    options: { latency, uplink: 'unlimited', downlink: 'unlimited', overrides: unequalLinks(10_000) },
    // What links of 27.5 Mbps in the mean carry at that load in that time.
    duration: Math.round((rounds * degree * 8 * MODEL_BYTES) / (load * 0.0275)),
  });
}

export default [
  {
    name: 'F',
    title: 'max-min fair network: 1,000 nodes with unequal links, 8-regular, 10 rounds',
    unit: 'transfers/s',
    higherIsBetter: true,
    run: () =>
      inRounds({
        nodes: 1000,
        degree: 8,
        rounds: 10,
        body: bodyOf(MODEL_BYTES),
        options: {
          latency,
          uplink: 'unlimited',
          downlink: 'unlimited',
          overrides: unequalLinks(1000),
        },
      }),
  },
  {
    name: 'F-10k',
    title: 'the same with 10,000 nodes that start at random times, half load, 3 rounds',
    unit: 'transfers/s',
    higherIsBetter: true,
    run: () => atLoad(0.5, 3),
  },
  ...[0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.5].map((load) => ({
    name: `F-load-${load}`,
    title: `80,000 transfers among 10,000 nodes that start at random times, ${load} of what uplinks carry`,
    unit: 's',
    higherIsBetter: false,
    run: async () => 80_000 / (await atLoad(load, 1)),
  })),
  {
    name: 'W3-network',
    title: 'messages with latency and ledger: 10,000 nodes, 10-regular, 3 rounds, unlimited links',
    unit: 'messages/s',
    higherIsBetter: true,
    run: () =>
      inRounds({
        nodes: 10_000,
        degree: 10,
        rounds: 3,
        body: bodyOf(16),
        options: { latency, uplink: 'unlimited', downlink: 'unlimited' },
      }),
  },
  {
    name: 'W3-fifo',
    title: 'the same over fifo links of 100 Mbps',
    unit: 'messages/s',
    higherIsBetter: true,
    run: () =>
      inRounds({
        nodes: 10_000,
        degree: 10,
        rounds: 3,
        body: bodyOf(16),
        options: { latency, uplink: '100Mbps', downlink: '100Mbps', sharing: 'fifo' },
      }),
  },
];
