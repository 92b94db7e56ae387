// Workload F (max-min fair network) and the network part of W3 (messages with only latency and ledger).
import { Kernel } from '../../dist/src/kernel/kernel.js';
import { Trace } from '../../dist/src/kernel/trace.js';
import { Ledger } from '../../dist/src/network/ledger.js';
import { Network } from '../../dist/src/network/network.js';
import { networkOptions } from '../../dist/src/network/options.js';
import { Random, Streams } from '../../dist/src/random.js';

// The size of a softmax regression 784-10 in float32.
const MODEL_BYTES = 4 * 7850;

/** Offsets of the `degree` receivers of a node, the same for all, so that every node also has `degree` senders. */
function regularOffsets(nodes, degree) {
  const random = new Random('bench/topology');
  const offsets = new Set();
  while (offsets.size < degree) offsets.add(1 + random.integer(nodes - 1));
  return [...offsets];
}

/** Random bandwidths from 5 to 50 Mbps. */
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

/**
 * Rounds without a barrier between nodes: each node sends the messages of its next round as soon as it has received those
 * of the present round from all its senders.
 */
async function run({ nodes, degree, rounds, body, options }) {
  const kernel = new Kernel({ trace: new Trace() });
  const ledger = new Ledger(['model']);
  const offsets = regularOffsets(nodes, degree);
  const arrived = new Int32Array(nodes * rounds);
  const present = new Int32Array(nodes);
  let delivered = 0;
  const send = (node) => {
    for (const offset of offsets) {
      const to = (node + offset) % nodes;
      network.send({ from: node, to, type: 0, round: present[node], body, reliable: false });
    }
  };
  const network = new Network({
    nodes,
    options: networkOptions.parse(options),
    kernel,
    streams: new Streams(1),
    ledger,
    handlers: {
      delivered(message) {
        delivered++;
        arrived[message.to * rounds + message.round]++;
        while (
          present[message.to] < rounds &&
          arrived[message.to * rounds + present[message.to]] === degree
        ) {
          if (++present[message.to] < rounds) send(message.to);
        }
      },
      undelivered() {},
      down() {},
      up() {},
    },
  });
  const start = process.hrtime.bigint();
  for (let node = 0; node < nodes; node++) send(node);
  await kernel.run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  network.audit();
  if (delivered !== nodes * degree * rounds)
    throw new Error(`expected ${nodes * degree * rounds} delivered messages, got ${delivered}`);
  return delivered / seconds;
}

const latency = { use: 'constant', value: '20ms' };

export default [
  {
    name: 'F',
    title: 'max-min fair network: 1,000 nodes with unequal links, 8-regular, 10 rounds',
    unit: 'transfers/s',
    higherIsBetter: true,
    run: () =>
      run({
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
    name: 'W3-network',
    title: 'messages with latency and ledger: 10,000 nodes, 10-regular, 3 rounds, unlimited links',
    unit: 'messages/s',
    higherIsBetter: true,
    run: () =>
      run({
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
      run({
        nodes: 10_000,
        degree: 10,
        rounds: 3,
        body: bodyOf(16),
        options: { latency, uplink: '100Mbps', downlink: '100Mbps', sharing: 'fifo' },
      }),
  },
];
