// Files that one run leaves for another: the encoder of meta-L2C, with damages and with other values. It is loaded and the run ends, or it is
// refused at its place in the scenario.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../dist/src/errors.js';
import { toScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { runToEnd } from '../../dist/src/simulation/run.js';
import { damaged } from './support/damage.mjs';
import { expect } from './support/inputs.mjs';

const EXECUTION = { backend: 'cpu', workers: 0 };
const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  'AAAA',
  'not base64!',
  [],
  {},
  [[1, 2]],
  [
    [3, 5],
    [3, 5],
  ],
  2 ** 53,
];
const NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, 3.4e38, -3.4e38, 1e-45, 0];

export default {
  name: 'artifacts',
  runs: 6000,
  short: 40,
  async open({ folder }) {
    const input = join(folder, 'input');
    mkdirSync(input);
    const file = join(input, 'artifacts.json');
    const { result } = await runToEnd(await planOf(folder, { hidden: 3 }), EXECUTION);
    const artifacts = JSON.stringify(result.artifacts);
    return {
      async try(draw, { keep }) {
        rmSync(file, { recursive: true, force: true });
        const content = draw.chance(0.5)
          ? damaged(Buffer.from(artifacts), draw)
          : changed(draw, JSON.parse(artifacts));
        writeFileSync(file, content);
        if (draw.chance(0.01)) {
          rmSync(file);
          mkdirSync(file);
        }
        keep('artifacts.json', content);
        try {
          const { result: ended } = await runToEnd(
            await planOf(folder, { encoder: 'input/artifacts.json' }),
            EXECUTION,
          );
          expect(
            ['rounds', 'diverged'].includes(ended.stopped),
            `expected a run that ends, got ${ended.stopped}`,
          );
          return 'accepted';
        } catch (error) {
          expect(error instanceof UsageError, () => `expected a UsageError, got ${error?.stack ?? error}`);
          expect(
            error.path === 'algorithm.encoder',
            `expected algorithm.encoder as the place, got ${error.path}`,
          );
          expect(error.message.includes(file), `expected the file in the message, got: ${error.message}`);
          return 'refused';
        }
      },
    };
  },
};

async function planOf(directory, options) {
  const scenario = await toScenario(
    {
      title: 'artifacts',
      seed: 1,
      nodes: 4,
      data: {
        use: 'blobs',
        features: 4,
        classes: 4,
        train: 80,
        test: 20,
        validation: '50%',
        split: { use: 'groups', groups: 2, classes: 2 },
      },
      model: 'softmax',
      topology: 'complete',
      network: { latency: { use: 'constant', value: '5ms' }, uplink: '10Mbps', downlink: '10Mbps' },
      algorithm: { use: 'meta-l2c', localSteps: 1, batch: 4, ...options },
      stop: { after: '1 round', diverged: 'continue' },
    },
    { directory },
  );
  return planScenario(scenario)[0];
}

/** The text of the value with other values in it. */
function changed(draw, value) {
  const { encoder } = value;
  const key = draw.pick(Object.keys(encoder));
  switch (draw.integer(6)) {
    case 0:
      delete encoder[key];
      break;
    case 1:
      encoder[draw.pick(['more', '__proto__x', 'Params'])] = 1;
      break;
    case 2:
      if (draw.chance(0.5)) value.encoder = draw.pick(VALUES);
      else value.other = value.encoder;
      break;
    case 3: {
      const name = draw.pick(['params', 'initial']);
      const bytes = Buffer.from(encoder[name], 'base64');
      for (let count = draw.between(1, 5); count > 0; count--)
        bytes.writeFloatLE(draw.pick(NUMBERS), 4 * draw.integer(bytes.length / 4));
      encoder[name] = bytes
        .subarray(0, draw.chance(0.8) ? bytes.length : draw.integer(bytes.length))
        .toString('base64');
      break;
    }
    default:
      encoder[key] = draw.pick(VALUES);
  }
  return JSON.stringify(value);
}
