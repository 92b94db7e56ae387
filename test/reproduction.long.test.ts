/** The papers' claims on short runs, and whether the committed results are this code's. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LoadOptions, loadScenario } from '../src/scenario/load.js';
import { runToEnd } from '../src/testing/run.js';
import { Curves, readCurves } from './reproduction/curves.js';

const papers = join('scenarios', 'papers');
const results = join('results', 'papers');
const scenarios = readdirSync(papers).map((file) => file.replace(/\.yaml$/, ''));
const small = scenarios.filter((scenario) => existsSync(join(results, scenario)));

/** Runs some variants of a paper's scenario, shortened by overrides, or to a number of rounds. */
async function runShort(
  scenario: string,
  { rounds, ...options }: LoadOptions & { readonly rounds?: number },
  wanted?: readonly string[],
): Promise<Curves> {
  const { variants } = await loadScenario(join(papers, `${scenario}.yaml`), options);
  const chosen = variants.filter(({ name }) => wanted === undefined || wanted.includes(name ?? 'run'));
  const runs = [];
  for (const { name, plan } of chosen) {
    const stop = rounds === undefined ? plan.stop : { ...plan.stop, after: rounds };
    const { samples, topology } = await runToEnd({ ...plan, stop }, { backend: 'wasm', workers: 0 });
    runs.push({ variant: name ?? 'run', samples, topology });
  }
  return new Curves(
    runs.flatMap(({ variant, samples }) =>
      samples.flatMap(({ time, round, node, metric, value }) => [
        { variant, seed: 1, round, node: undefined, metric: 'time', value: time / 1e9 },
        { variant, seed: 1, round, node, metric, value },
      ]),
    ),
    runs.flatMap(({ variant, topology }) =>
      topology
        .filter(({ time }) => time > 0)
        .map(({ from, to, weight }) => ({ variant, seed: 1, round: 0, from, to, weight: weight ?? 0 })),
    ),
  );
}

for (const scenario of small) {
  test(`the committed curves of ${scenario} begin as this code begins`, async () => {
    const committed = readCurves(join(results, scenario));
    // Not nodes that train alone: there a node with little data can be any number of rounds ahead.
    const together = committed.variants.filter((variant) => variant !== 'local-only');
    const variant = together.includes('nodes-2-ring') ? 'nodes-2-ring' : together.at(-1)!;
    const rounds = [...new Set(committed.points.map(({ round }) => round))].sort((a, b) => a - b);
    // A few rounds more, so that at that measurement the fastest nodes are as far ahead as they were.
    const short = { seeds: [committed.seeds[0]!], rounds: rounds[1]! + 5 };
    const mine = await runShort(scenario, short, [variant]);
    const beginning = committed.points.filter(
      ({ seed, round, variant: of }) => of === variant && seed === committed.seeds[0] && round <= rounds[1]!,
    );
    assert.ok(beginning.length > 1);
    for (const { metric, round, node, value } of beginning) {
      const where = node === undefined ? { round } : { round, node };
      assert.equal(mine.at(variant, 1, metric, where), value, `${metric} at round ${round}`);
    }
  });
}

test('in seconds: MCE-PL is more accurate than D-PSGD at a thirty-second of the bytes', async () => {
  const set = ['nodes=5', 'stop.after=20 rounds', 'measure.every=20 rounds', 'data.test=500'];
  const curves = await runShort('mce-pl-small', { set }, ['mce-pl', 'd-psgd']);
  const accuracy = (variant: string) => curves.at(variant, 1, 'accuracy-mean');
  assert.ok(accuracy('mce-pl') > accuracy('d-psgd') + 0.02);
  assert.equal(curves.at('d-psgd', 1, 'values-bytes'), 32 * curves.at('mce-pl', 1, 'values-bytes'));
});

test('in seconds: with permuted label names DePRL serves all nodes, D-PSGD none', async () => {
  const set = ['nodes=6', 'data.split.groups=6', 'stop.after=20 rounds', 'data.test=500', 'topology=ring'];
  const curves = await runShort('deprl-small', { set }, ['deprl', 'd-psgd']);
  const accuracy = (variant: string) => curves.at(variant, 1, 'accuracy:mixed-mean');
  assert.ok(accuracy('deprl') > accuracy('d-psgd') + 0.1);
});

test('in seconds: eight nodes find the representation better than two', async () => {
  const set = ['stop.after=200 rounds', 'measure.every=50 rounds', 'data.samples=2400'];
  const curves = await runShort('deprl-speedup-small', { set }, ['nodes-2-ring', 'nodes-8-ring']);
  const error = (variant: string) => curves.at(variant, 1, 'representation-distance');
  assert.ok(error('nodes-8-ring') < 0.7 * error('nodes-2-ring'));
});

test('in seconds: transference finds the objectives that help each other', async () => {
  const set = ['stop.after=300 rounds', 'measure.every=300 rounds', 'data.test=500'];
  const curves = await runShort('transference-small', { set }, ['dynamic']);
  assert.deepEqual(curves.mixing('dynamic', 1, 4), [
    [0.5, 0, 0, 0.5],
    [0, 0.5, 0.5, 0],
    [0, 0.5, 0.5, 0],
    [0.5, 0, 0, 0.5],
  ]);
});

/** CIFAR-10's binary version with `count` samples per file: each class a pattern of its own, with a little noise. */
function madeUpCifar(count: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'mycel-cifar-'));
  const names = [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`);
  for (const name of [...names, 'test_batch.bin']) {
    const bytes = new Uint8Array(count * 3073);
    for (let s = 0; s < count; s++) {
      const label = s % 10;
      bytes[s * 3073] = label;
      for (let i = 0; i < 3072; i++) {
        const stripe = (i % 32) % (label + 2) === 0 ? 180 : 40;
        bytes[s * 3073 + 1 + i] = stripe + ((s * 31 + i * 17) % 30);
      }
    }
    writeFileSync(join(directory, name), bytes);
  }
  return directory;
}

const onMadeUpCifar = [
  {
    scenario: 'deprl-paper',
    algorithm: '{ use: deprl, preset: paper-code, headEpochs: 1, batch: 4 }',
    set: ['data.train=16', 'stop.after=5 rounds', 'measure.every=1 round'],
    steps: '20 steps',
    fall: 0.2,
  },
  {
    scenario: 'mce-pl-paper',
    algorithm: '{ use: mce-pl, batch: 4, learningRate: 10, fineTuneRate: 10 }',
    set: ['data.train=16', 'stop.after=20 rounds'],
    steps: '20 steps',
    fall: 0.3,
  },
  {
    scenario: 'l2c-paper',
    algorithm:
      '{ use: l2c, localSteps: 5, batch: 4, learningRate: 0.05, optimizer: { use: sgd, weightDecay: 0.0005 }, keep: 1, pruneAfter: 2 }',
    set: ['data.train=20', 'stop.after=4 rounds', 'measure.every=1 round'],
    steps: '20 steps',
    fall: 0.2,
  },
  {
    scenario: 'mhd-paper',
    algorithm:
      '{ use: mhd, mode: checkpoint, auxiliaryHeads: 4, batch: 4, publicBatch: 2, refresh: 10, learningRate: 0.02 }',
    set: [
      'data.train=16',
      'data.publicRows=8',
      'stop.after=20 rounds',
      'measure.every=1 round',
      'model={ use: l2c-cnn }',
    ],
    steps: '20 steps',
    fall: 0.3,
  },
];
for (const { scenario, algorithm, set, steps, fall } of onMadeUpCifar) {
  test(`${scenario} on made-up images: the loss falls by ${fall} in ${steps}`, async () => {
    const directory = madeUpCifar(8);
    try {
      const common = [
        'nodes=2',
        'topology=complete',
        'data.split={use: iid}',
        'data.test=8',
        'measure.probes=[series]',
      ];
      const given = [`data.directory=${directory}`, 'compare=', `algorithm=${algorithm}`];
      const curves = await runShort(scenario, { set: [...given, ...common, ...set] });
      const losses = curves.series('run', 1, 'train-loss').filter(Number.isFinite);
      assert.ok(losses.at(-1)! < losses[0]! - fall, `losses ${losses.map((loss) => loss.toFixed(2))}`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
