// A small scenario for every algorithm in the list, and variations of it.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { algorithms } from '../../../dist/src/algorithms/index.js';
import { toScenario } from '../../../dist/src/scenario/load.js';
import { arbitraryVariation } from '../../../dist/src/testing/variations.js';

/** The subjects of `checkVariation`, one for each algorithm. */
export function smallScenarios() {
  return Promise.all(
    algorithms.map(async (algorithm) => {
      const hasRoles = Object.keys(algorithm.roles ?? {}).length > 0;
      const { variants } = await toScenario({
        title: algorithm.id,
        seed: 1,
        nodes: 4,
        data: {
          use: 'blobs',
          publicRows: 20,
          features: 6,
          classes: 3,
          train: 100,
          test: 30,
          validation: '20%',
          split: { use: 'dirichlet', alpha: 1 },
        },
        model: { use: 'mlp', hidden: [4] },
        ...(hasRoles ? {} : { topology: 'complete' }),
        network: { latency: { use: 'uniform', from: '1ms', to: '30ms' }, uplink: '1Mbps', downlink: '2Mbps' },
        compute: { use: 'choice', speeds: ['3MFLOPS', '5MFLOPS'] },
        algorithm: algorithm.id,
        stop: { after: '3 rounds' },
      });
      return { scenario: variants[0].plan.resolved, algorithm, file: `${algorithm.id}.yaml`, directory: '.' };
    }),
  );
}

/** A variation of a small scenario. */
export function drawVariation(draw, { scenario, algorithm }) {
  const [variation] = fc.sample(arbitraryVariation(scenario, algorithm), {
    seed: draw.integer(2 ** 31),
    numRuns: 1,
  });
  return variation;
}

/** Runs scenarios in another process, as `mycel check` does. */
export function otherProcess() {
  const child = fork(fileURLToPath(new URL('../../../dist/src/cli/check-child.js', import.meta.url)), {
    execArgv: [],
  });
  let number = 0;
  return {
    run({ scenario, file, directory }) {
      const own = number++;
      return new Promise((resolve, reject) => {
        child.once('message', ({ outcome, error }) =>
          outcome ? resolve(outcome) : reject(new Error(error)),
        );
        child.send({ number: own, scenario, file, directory });
      });
    },
    // It leaves SIGTERM to the first process.
    close: () => child.kill('SIGKILL'),
  };
}
