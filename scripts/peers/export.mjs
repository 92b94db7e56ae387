// Writes what a peer needs to do the steps of one of our scenarios: `node export.mjs <scenario> <rounds> <folder>`. Data,
// rows of every batch, first params, senders and mixing weights; and what came out of our own run, to compare with.
// meta.json says what is in the other files, which are plain arrays in little-endian order.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastestBackend } from '../../dist/src/compute/machines.js';
import { nextBatches, startCursor } from '../../dist/src/learning/batches.js';
import { valuesOf } from '../../dist/src/learning/params.js';
import { loadScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { loadConstants } from '../../dist/src/simulation/constants.js';
import { Simulation } from '../../dist/src/simulation/simulation.js';
import { mixingRows } from '../../dist/src/topology/mixing/index.js';
import { afterRounds, scenarioFile } from '../bench/support/scenarios.mjs';

const [name, roundsText, folder] = process.argv.slice(2);
const rounds = Number(roundsText);
const [plan] = planScenario(await loadScenario(scenarioFile(name), { set: afterRounds(rounds) }));
const { localSteps: steps, batch, learningRate, mixing } = plan.algorithm.options;
const { dataset, shards, model, neighbors, initialParams, streams } = await loadConstants(plan);

mkdirSync(folder, { recursive: true });
const write = (file, array) =>
  writeFileSync(join(folder, file), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

/** The rows of all batches, uint32 [rounds, nodes, steps · batch]: the draws of the nodes' own streams. */
function allRows() {
  const perRound = plan.nodes * steps * batch;
  const rows = new Uint32Array(rounds * perRound);
  for (const [node, shard] of shards.entries()) {
    const cursor = startCursor();
    const random = streams.fresh(`node ${node}/batches`);
    for (let round = 0; round < rounds; round++) {
      const own = nextBatches(cursor, shard.train, random, { steps, batch });
      rows.set(own, round * perRound + node * steps * batch);
    }
  }
  return rows;
}

/** Params of all nodes at the end of our run, float32 [nodes × params], and what the run reports. */
async function ownRun() {
  const simulation = await Simulation.create(plan, { backend: fastestBackend().name, workers: 2 });
  try {
    for await (const update of simulation.run()) void update;
    const { final, fingerprints } = simulation.result();
    const params = new Float32Array(plan.nodes * model.length);
    for (const [node, { state }] of simulation.save().world.actors.entries())
      params.set(valuesOf(state.own.params), node * model.length);
    return { params, accuracy: final['accuracy-mean'], fingerprint: fingerprints.params };
  } finally {
    await simulation.close();
  }
}

const { degree } = plan.topology.options;
const weights = mixingRows(neighbors, mixing).map(({ self, neighbors: others }) => [self, ...others]);
const run = await ownRun();
write('features.u8', dataset.features);
write('labels.i32', Int32Array.from(dataset.labels));
write('rows.u32', allRows());
write('test.u32', Uint32Array.from(shards[0].test));
write('initial.f32', initialParams(0));
write('senders.i32', Int32Array.from(neighbors.in.flatMap((list) => [...list])));
write('weights.f64', Float64Array.from(weights.flat()));
write('final.f32', run.params);
const meta = {
  nodes: plan.nodes,
  degree,
  rounds,
  steps,
  batch,
  learningRate,
  params: model.length,
  shape: dataset.shape,
  scale: dataset.scale,
  classes: dataset.classes,
  slices: model.slices.map(({ name: slice, shape, offset, length }) => ({
    name: slice,
    shape,
    offset,
    length,
  })),
  accuracy: run.accuracy,
  fingerprint: run.fingerprint,
};
writeFileSync(join(folder, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
