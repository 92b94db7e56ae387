// How speed and memory change with the number of nodes, with and without learning, and with the size of the model.
import { bestEngines } from './support/engines.mjs';
import { runScenario } from './support/scenarios.mjs';

const NODES = [100, 300, 1_000, 3_000, 10_000];
/** Hidden units of an MLP 784-h-10, which has 795 · h + 10 params. */
const HIDDEN = [13, 38, 126, 377, 1_258, 3_773, 12_579];

const short = (number) =>
  number >= 1e6
    ? `${Math.round(number / 1e6)}M`
    : number >= 1e4
      ? `${Math.round(number / 1e3)}k`
      : `${number}`;

const overNodes = NODES.flatMap((nodes) =>
  bestEngines.map(({ backend, workers }) => ({
    name: `curve-nodes-${nodes}-${backend}`,
    title: `${nodes.toLocaleString('en')} nodes, softmax regression; ${backend}, ${workers} threads`,
    unit: 'steps/s',
    higherIsBetter: true,
    run() {
      const set = [`nodes=${nodes}`, `data.train=${100 * nodes}`];
      const report = runScenario({ name: 'curve-nodes', set, backend, workers });
      return { ...report, value: report.steps / report.seconds };
    },
  })),
);

const overParams = HIDDEN.flatMap((hidden) => {
  const params = 795 * hidden + 10;
  return bestEngines.map(({ backend, workers }) => ({
    name: `curve-params-${short(params)}-${backend}`,
    title: `${params.toLocaleString('en')} params, 8 nodes; ${backend}, ${workers} threads`,
    unit: 'million params · steps/s',
    higherIsBetter: true,
    run() {
      const set = [`model.hidden=[${hidden}]`];
      const report = runScenario({ name: 'curve-params', set, backend, workers });
      return { ...report, value: (params * report.steps) / report.seconds / 1e6 };
    },
  }));
});

/** Runs in which nothing is learned use one thread and no backend. */
const ofTiming = [1_000, 3_000, 10_000, 30_000, 100_000].map((nodes) => ({
  name: `curve-timing-${nodes}`,
  title: `${nodes.toLocaleString('en')} nodes, timing only, 20 rounds`,
  unit: 's',
  higherIsBetter: false,
  run() {
    const set = [`nodes=${nodes}`, `data.train=${2 * nodes}`];
    const report = runScenario({ name: 'curve-timing', set, backend: 'auto', workers: 0 });
    return { ...report, value: report.seconds };
  },
}));

export default [...overNodes, ...overParams, ...ofTiming];
