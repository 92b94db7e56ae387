// The engines of step programs that are there on this machine.
import { fastestBackend } from '../../../dist/src/compute/machines.js';

const { name: fastest, note } = fastestBackend();
if (note) console.error(`skipping the backend native: ${note}`);

/** Backends that run step programs. */
export const programBackends = fastest === 'native' ? ['native', 'wasm', 'cpu'] : ['wasm', 'cpu'];

/** The one or two fastest of them, with two threads. */
export const bestEngines = programBackends
  .filter((backend) => backend !== 'cpu')
  .map((backend) => ({ backend, workers: 2 }));
