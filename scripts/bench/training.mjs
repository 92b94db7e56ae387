// Workloads W1, W1-lr, W1-cnn, W2 and W3 of docs/performance.md: the scenarios of scenarios/bench, whole simulations with
// network, ledger, encoding and evaluation, on every engine.
import { availableParallelism } from 'node:os';
import { loadBackend } from '../../dist/src/compute/backend.js';
import { programBackends } from './support/engines.mjs';
import { afterRounds, readSections, runScenario } from './support/scenarios.mjs';

/** `cpu`: rounds on that backend, where all of them would take minutes; 0: it is left out, and so is tensorflow. */
const WORKLOADS = [
  { name: 'W1', cpu: 1 },
  { name: 'W1-lr', cpu: 5 },
  { name: 'W1-cnn', cpu: 1 },
  { name: 'W2', cpu: 0 },
  { name: 'W3', cpu: 0, unit: 'messages' },
];

/** Threads of the tensorflow backend, a number that a process cannot change: that of the machine's cores, at most 4. */
const THREADS = Math.min(4, availableParallelism());

/** Backend and number of threads, every pair that is measured; `tensorflow` where it is installed. */
const ENGINES = [
  ...programBackends.flatMap((backend) =>
    (backend === 'cpu' ? [1] : [1, 2]).map((workers) => ({ backend, workers })),
  ),
  ...((await loadsTensorflow()) ? [{ backend: 'tensorflow', workers: THREADS }] : []),
];

async function loadsTensorflow() {
  try {
    await loadBackend('tensorflow', THREADS);
    return true;
  } catch (error) {
    console.error(`skipping the backend tensorflow: ${error.message}`);
    return false;
  }
}

function benchmark({ name, cpu, unit = 'steps' }, { backend, workers }) {
  const { title, stop } = readSections(name.toLowerCase());
  const rounds = Math.min(backend === 'cpu' ? cpu : Infinity, Number.parseInt(stop.after, 10));
  return {
    name: `${name}-${backend}-${workers}`,
    title: `${title}; ${backend}, ${workers} ${workers === 1 ? 'thread' : 'threads'}`,
    unit: `${unit}/s`,
    higherIsBetter: true,
    run({ rounds: most }) {
      const set = afterRounds(Math.min(most, rounds));
      const report = runScenario({ name: name.toLowerCase(), set, backend, workers });
      return { ...report, value: report[unit] / report.seconds };
    },
  };
}

export default WORKLOADS.flatMap((workload) =>
  ENGINES.filter(({ backend }) => workload.cpu > 0 || backend === 'native' || backend === 'wasm').map(
    (engine) => benchmark(workload, engine),
  ),
);
