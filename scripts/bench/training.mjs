// Workloads W1 and W1-lr of docs/performance.md: whole simulations, network, ledger, encoding and evaluation included.

import { readScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { Simulation } from '../../dist/src/simulation.js';

const NODES = 100;
const ROUNDS = 50;
const STEPS = 3;

const scenario = (model, backend) => `
title: bench
seed: 1
backend: ${backend}
nodes: ${NODES}
data: { use: blobs, features: 784, classes: 10, train: ${100 * NODES}, test: 1000, split: { use: iid } }
model: ${model}
topology: { use: random-regular, degree: 10 }
network: { latency: { use: constant, value: 10ms }, uplink: 100Mbps, downlink: 100Mbps, sharing: fifo }
algorithm: { use: d-psgd, localSteps: ${STEPS}, batch: 32, learningRate: 0.01 }
measure: { every: ${ROUNDS} rounds, probes: [accuracy] }
stop: { after: ${ROUNDS} rounds, at: 10h }
`;

async function steps(model, { backend, workers }) {
  const [plan] = planScenario(await readScenario(scenario(model, backend), 'bench.yaml'));
  const simulation = await Simulation.create(plan, { backend, workers });
  try {
    const start = performance.now();
    for await (const update of simulation.run()) void update;
    const seconds = (performance.now() - start) / 1000;
    const { traffic, rounds } = simulation.result();
    if (rounds !== ROUNDS || traffic.messages.delivered !== NODES * 10 * ROUNDS)
      throw new Error('not the workload');
    return (NODES * ROUNDS * STEPS) / seconds;
  } finally {
    await simulation.close();
  }
}

const MODELS = [
  { name: 'W1', text: '{ use: mlp, hidden: [64] }', title: 'D-PSGD, 100 nodes, MLP 784-64-10' },
  { name: 'W1-lr', text: '{ use: softmax }', title: 'D-PSGD, 100 nodes, softmax regression 784-10' },
];
const ENGINES = [
  { backend: 'wasm', workers: 0 },
  { backend: 'wasm', workers: 1 },
  { backend: 'wasm', workers: 2 },
];

export default MODELS.flatMap(({ name, text, title }) =>
  ENGINES.map((engine) => ({
    name: `${name}-${engine.backend}-${engine.workers}`,
    title: `${title}; ${engine.backend}, ${engine.workers} workers`,
    unit: 'steps/s',
    higherIsBetter: true,
    run: () => steps(text, engine),
  })),
);
