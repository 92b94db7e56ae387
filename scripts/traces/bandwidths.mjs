// Writes small synthetic traces of bandwidths: `node scripts/traces/bandwidths.mjs > links.csv` for the fault `bandwidth-trace`, with
// `--format mahimahi` for the fault `mahimahi` (of one link). Bandwidths follow a random walk of factors; the same seed gives the same file.
import { parseArgs } from 'node:util';
import { Streams } from '../../dist/src/random.js';

const { values } = parseArgs({
  options: {
    format: { type: 'string', default: 'csv' },
    nodes: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '10' },
    step: { type: 'string', default: '1' },
    uplink: { type: 'string', default: '2000000' },
    downlink: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
  },
});
const [nodes, seconds, step, uplink, downlink] = ['nodes', 'seconds', 'step', 'uplink', 'downlink'].map(
  (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`expected a number above 0 as --${name}, got ${values[name]}`);
    return value;
  },
);
const streams = new Streams(values.seed);

/** Bits per second around a mean, one for each step: a walk in powers of two between a quarter and the double of it; 0 now and then. */
function walk(name, mean) {
  const random = streams.fresh(name);
  let power = 0;
  return Array.from({ length: Math.ceil(seconds / step) }, () => {
    power = Math.max(-2, Math.min(1, power + random.integer(3) - 1));
    return random.uniform() < 0.05 ? 0 : Math.floor(mean * 2 ** power);
  });
}

/** Prints the milliseconds at which a packet of 1,500 bytes can leave. */
function printPackets(rates) {
  let bits = 0;
  for (let ms = 1; ms <= 1000 * step * rates.length; ms++) {
    for (bits += rates[Math.floor((ms - 1) / (1000 * step))] / 1000; bits >= 12_000; bits -= 12_000)
      console.log(ms);
  }
}

if (values.format === 'mahimahi') printPackets(walk('packets', uplink));
else if (values.format === 'csv') {
  console.log(`# synthetic: ${nodes} nodes, a step each ${step} s; seed ${values.seed}`);
  console.log('node,time_s,uplink_bps,downlink_bps');
  for (let node = 0; node < nodes; node++) {
    const up = walk(`node ${node}/uplink`, uplink);
    const down = walk(`node ${node}/downlink`, downlink);
    for (const [k, rate] of up.entries()) console.log([node, k * step, rate, down[k]].join(','));
  }
} else throw new Error(`expected csv or mahimahi as --format, got ${values.format}`);
