// Workloads W1, W1-lr and W1-cnn of docs/performance.md on every backend: whole simulations, with network, ledger, encoding
// and evaluation.
import { availableParallelism } from 'node:os';
import { loadBackend } from '../../dist/src/compute/backend.js';
import { readScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { Simulation } from '../../dist/src/simulation/simulation.js';

const STEPS = 3;
const BLOBS = 'use: blobs, features: 784, classes: 10, train: 10000, test: 1000';

const scenario = ({ nodes, data, model, rounds }, backend) => `
title: bench
seed: 1
backend: ${backend}
nodes: ${nodes}
data: { ${data}, split: { use: iid } }
model: ${model}
topology: { use: random-regular, degree: 10 }
network: { latency: { use: constant, value: 10ms }, uplink: 100Mbps, downlink: 100Mbps, sharing: fifo }
algorithm: { use: d-psgd, localSteps: ${STEPS}, batch: 32, learningRate: 0.01 }
measure: { every: ${rounds} rounds, probes: [accuracy] }
stop: { after: ${rounds} rounds, at: 10h }
`;

async function steps(workload, { backend, workers }) {
  const [plan] = planScenario(await readScenario(scenario(workload, backend), 'bench.yaml'));
  const simulation = await Simulation.create(plan, { backend, workers });
  try {
    const start = performance.now();
    for await (const output of simulation.run()) void output;
    const seconds = (performance.now() - start) / 1000;
    const { traffic, rounds } = simulation.result();
    if (rounds !== workload.rounds || traffic.messages.delivered !== workload.nodes * 10 * rounds)
      throw new Error('expected a run with every round and every message, which this one lacks');
    return (workload.nodes * rounds * STEPS) / seconds;
  } finally {
    await simulation.close();
  }
}

// On cpu, and for the CNN, a few rounds take long enough.
const WORKLOADS = [
  {
    name: 'W1',
    title: 'D-PSGD, 100 nodes, MLP 784-64-10',
    nodes: 100,
    data: BLOBS,
    model: '{ use: mlp, hidden: [64] }',
    rounds: { cpu: 1, others: 50 },
  },
  {
    name: 'W1-lr',
    title: 'D-PSGD, 100 nodes, softmax regression 784-10',
    nodes: 100,
    data: BLOBS,
    model: '{ use: softmax }',
    rounds: { cpu: 5, others: 50 },
  },
  {
    name: 'W1-cnn',
    title: 'D-PSGD, 20 nodes, two convolutions of 5 × 5 (8 and 16 filters) on MNIST',
    nodes: 20,
    data: 'use: mnist, train: 2000, test: 100',
    model:
      '{ use: cnn, layers: [{ use: conv, filters: 8, kernelSize: 5 }, { use: relu }, { use: max-pool, window: 2 }, { use: conv, filters: 16, kernelSize: 5 }, { use: relu }, { use: max-pool, window: 2 }] }',
    rounds: { cpu: 1, others: 5 },
  },
];
/** Threads of the tensorflow backend, a number that a process cannot change: that of the machine's cores, at most 4. */
const THREADS = Math.min(4, availableParallelism());
const ENGINES = [
  { backend: 'cpu', workers: 0 },
  { backend: 'wasm', workers: 0 },
  { backend: 'wasm', workers: 1 },
  { backend: 'wasm', workers: 2 },
  // If tensorflow is not installed, it is skipped and the reason is printed.
  ...((await loads('tensorflow')) ? [{ backend: 'tensorflow', workers: THREADS }] : []),
];

async function loads(backend) {
  try {
    await loadBackend(backend, THREADS);
    return true;
  } catch (error) {
    console.error(`skipping the backend ${backend}: ${error.message}`);
    return false;
  }
}

export default WORKLOADS.flatMap(({ name, title, rounds, ...workload }) =>
  ENGINES.map((engine) => ({
    name: `${name}-${engine.backend}-${engine.workers}`,
    title: `${title}; ${engine.backend}, ${engine.workers} ${engine.backend === 'tensorflow' ? 'threads' : 'workers'}`,
    unit: 'steps/s',
    higherIsBetter: true,
    run: ({ rounds: most }) =>
      steps({ ...workload, rounds: Math.min(most, rounds[engine.backend] ?? rounds.others) }, engine),
  })),
);
