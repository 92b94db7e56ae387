// Workload K of docs/performance.md, the hold model: repeatedly take the earliest event and schedule another.
import { Kernel } from '../../dist/src/kernel/kernel.js';
import { Trace } from '../../dist/src/kernel/trace.js';

const EVENTS = 3_000_000;
const MEAN_NS = 1_000_000;

// Offsets come from a table of exponential quantiles, so that the time for logarithms is not measured.
const OFFSETS = Float64Array.from({ length: 4096 }, (_, i) =>
  Math.ceil(-MEAN_NS * Math.log((i + 0.5) / 4096)),
);

async function hold(pending) {
  const kernel = new Kernel({ trace: new Trace() });
  let state = 1;
  const offset = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return OFFSETS[(state >>> 8) & 4095];
  };
  const kind = kernel.kind('hold', (event) => {
    kernel.schedule({ time: event.time + offset(), kind, target: event.target, payload: event.payload });
  });
  for (let i = 0; i < pending; i++) kernel.schedule({ time: offset(), kind, target: i, payload: i });
  const stop = () => kernel.executed >= EVENTS;
  const start = performance.now();
  await kernel.run({ stop });
  return EVENTS / ((performance.now() - start) / 1000);
}

const workload = (pending, label) => ({
  name: `K-${label}`,
  title: `kernel, hold model, ${pending.toLocaleString('en')} pending`,
  unit: 'events/s',
  higherIsBetter: true,
  run: () => hold(pending),
});

export default [workload(1_000, '1k'), workload(100_000, '100k')];
