// Runs of every algorithm, with faults and loss, that are saved and restored several times at random events, each time with another number of
// workers: they end with the fingerprints, the traffic and the metrics of a run in one go.
import { deserialize, serialize } from 'node:v8';
import { UsageError } from '../../dist/src/errors.js';
import { collect } from '../../dist/src/simulation/run.js';
import { Simulation } from '../../dist/src/simulation/simulation.js';
import { planFor } from '../../dist/src/testing/scenario-check.js';
import { varied } from '../../dist/src/testing/variations.js';
import { expect } from './support/inputs.mjs';
import { drawVariation, smallScenarios } from './support/small-scenarios.mjs';

export default {
  name: 'states',
  runs: 800,
  short: 2,
  limits: { seconds: 60 },
  words: { accepted: 'restored' },
  async open() {
    const subjects = await smallScenarios();
    return {
      async try(draw, { index, keep }) {
        const subject = subjects[index % subjects.length];
        const variation = drawVariation(draw, subject);
        const backend = draw.pick(['cpu', 'wasm', 'auto']);
        keep(
          'variation.json',
          JSON.stringify({ algorithm: subject.algorithm.id, backend, ...variation }, null, 2),
        );
        let plan;
        let expected;
        try {
          plan = await planFor(varied(subject.scenario, variation, subject.algorithm), subject);
          expected = outcomeOf(await inOneGo(plan, { backend, workers: 0 }));
        } catch (error) {
          if (error instanceof UsageError) return 'refused';
          throw error;
        }
        const got = outcomeOf(await inPieces(plan, backend, draw, expected.events));
        for (const [what, value] of Object.entries(expected))
          expect(
            JSON.stringify(got[what]) === JSON.stringify(value),
            `${subject.algorithm.id}: ${what} of a restored run are others`,
          );
        return 'accepted';
      },
    };
  },
};

async function inOneGo(plan, execution, state) {
  const simulation = await (state === undefined
    ? Simulation.create(plan, execution)
    : Simulation.restore(plan, execution, state));
  try {
    return (await collect(simulation)).result;
  } finally {
    await simulation.close();
  }
}

/** Saved and restored one to four times. */
async function inPieces(plan, backend, draw, events) {
  let state;
  let left = events;
  for (let pieces = draw.between(1, 4); pieces > 0; pieces--) {
    const execution = { backend, workers: draw.pick([0, 0, 1, 2, 3]) };
    const simulation = await (state === undefined
      ? Simulation.create(plan, execution)
      : Simulation.restore(plan, execution, state));
    try {
      const count = draw.integer(left + 1);
      await simulation.step(count);
      left -= count;
      state = deserialize(serialize(simulation.save()));
    } finally {
      await simulation.close();
    }
  }
  return inOneGo(plan, { backend, workers: draw.pick([0, 1, 2]) }, state);
}

function outcomeOf(result) {
  const { fingerprints, events, time, rounds, stopped, traffic, final, work } = result;
  return {
    fingerprints,
    events,
    time,
    rounds,
    stopped,
    traffic,
    final,
    work,
    rows: [...result.trafficRows()],
  };
}
