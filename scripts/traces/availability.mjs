// Writes a small synthetic trace of availability, for the fault `trace`: every node is up and down in turn, for exponentially
// distributed times, the down ones longer at night. `node scripts/traces/availability.mjs > up.csv`; the same seed gives the same file.
import { parseArgs } from 'node:util';
import { Streams } from '../../dist/src/random.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '60' },
    up: { type: 'string', default: '12' },
    down: { type: 'string', default: '3' },
    night: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
const [nodes, end, up, down, night] = ['nodes', 'seconds', 'up', 'down', 'night'].map((name) => {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`expected a number above 0 as --${name}, got ${values[name]}`);
  return value;
});
const streams = new Streams(values.seed);
/** Milliseconds of at least 1. */
const drawn = (random, mean) => Math.max(1, Math.round(1000 * random.exponential(mean)));
const seconds = (ms) => String(ms / 1000);

console.log(
  `# synthetic: ${nodes} nodes, up ${up} s and down ${down} s on average, ${night} times as long in the second half; seed ${values.seed}`,
);
console.log('node,from_s,to_s');
for (let node = 0; node < nodes; node++) {
  const random = streams.fresh(`node ${node}`);
  for (let from = 0; from < 1000 * end; ) {
    const to = Math.min(1000 * end, from + drawn(random, up));
    console.log([node, seconds(from), seconds(to)].join(','));
    from = to + drawn(random, to < 500 * end ? down : night * down);
  }
}
