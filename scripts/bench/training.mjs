// Workloads W1, W1-lr, W1-cnn, W2 and W3 of docs/performance.md: the scenarios of scenarios/bench, whole simulations with
// network, ledger, encoding and evaluation, on every engine.
import { engines } from './support/engines.mjs';
import { afterRounds, readSections, runScenario } from './support/scenarios.mjs';

/** `cpu`: rounds on that backend, where all of them would take minutes; 0: it is left out, and so is tensorflow. */
const WORKLOADS = [
  { name: 'W1', cpu: 1 },
  { name: 'W1-lr', cpu: 5 },
  { name: 'W1-cnn', cpu: 1 },
  { name: 'W2', cpu: 0 },
  { name: 'W3', cpu: 0, unit: 'messages' },
];

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
  engines
    .filter(({ backend }) => workload.cpu > 0 || backend === 'native' || backend === 'wasm')
    .map((engine) => benchmark(workload, engine)),
);
