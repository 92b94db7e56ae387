// The engines that are there on this machine.
import { availableParallelism } from 'node:os';
import { loadBackend } from '../../../dist/src/compute/backend.js';
import { fastestBackend } from '../../../dist/src/compute/machines.js';

/** Threads of the tensorflow backend, a number that a process cannot change: that of the machine's cores, at most 4. */
const THREADS = Math.min(4, availableParallelism());

const { name: fastest, note } = fastestBackend();
if (note) console.error(`skipping the backend native: ${note}`);

/** Backends that run step programs. */
export const programBackends = fastest === 'native' ? ['native', 'wasm', 'cpu'] : ['wasm', 'cpu'];

/** The one or two fastest of them, with two threads. */
export const bestEngines = programBackends.filter((name) => name !== 'cpu').map(withWorkers(2));

/** Backend and number of threads, every pair that is measured; `tensorflow` where it is installed. */
export const engines = [
  ...programBackends.flatMap((name) => (name === 'cpu' ? [1] : [1, 2]).map((n) => withWorkers(n)(name))),
  ...((await loadsTensorflow()) ? [{ backend: 'tensorflow', workers: THREADS }] : []),
];

function withWorkers(workers) {
  return (backend) => ({ backend, workers });
}

async function loadsTensorflow() {
  try {
    await loadBackend('tensorflow', THREADS);
    return true;
  } catch (error) {
    console.error(`skipping the backend tensorflow: ${error.message}`);
    return false;
  }
}
