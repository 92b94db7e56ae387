/** Transference: nodes find those that help each other, and learn faster with these alone. */
import { estimate, signed } from '../../src/report/statistics.js';
import { beyondChance, type Claim, mean, type Verdict } from './claim.js';
import type { Curves } from './curves.js';

const NODES = 4;
const EPOCH = 30;
/** Tasks 1 and 4, and 2 and 3, of the paper. */
const CLUSTERS = [0, 1, 1, 0];
const TARGET = 0.4;

const small = { method: 'transference', scenario: 'transference-small' };
const data = { method: 'transference', scenario: 'transference-data-small' };
/** Training samples of all tasks. */
const SAMPLES = [40, 120, 400, 1200, 4000];
/** Whose average, in words. */
const NAMES: Readonly<Record<string, string>> = {
  dynamic: 'the dynamic graph',
  'known-clusters': 'a graph of the true clusters from the start',
  'fully-connected-own-heads': 'averaging with everybody (heads start differently)',
  'local-only': 'training alone',
};
/** Seeds for claims that were added after a look at seeds 1 to 5. */
const FRESH = [6, 7, 8, 9, 10];
const paper = { method: 'transference', scenario: 'transference-paper' };

export const claims: readonly Claim[] = [
  ...[small, paper].flatMap((base): Claim[] => [
    {
      ...base,
      says: 'the clusters {1,4} and {2,3} are found, with weights of exactly 1/2',
      expected: 'in every seed',
      check: (curves) => seedsWhere(curves, (seed) => isClustered(curves.mixing('dynamic', seed, NODES))),
    },
    {
      ...base,
      says: 'the test losses of all tasks fall below 0.4 in a fraction of the epochs that the fully connected baseline needs',
      expected: '≤ 0.75 of its epochs, in every seed',
      check(curves) {
        const dynamic = epochsToTarget(curves, 'dynamic');
        const baseline = epochsToTarget(curves, 'fully-connected');
        const ratios = dynamic.map((epochs, k) => epochs / baseline[k]!);
        return {
          holds: ratios.every((ratio) => ratio <= 0.75),
          figure: `${mean(ratios).toFixed(2)}: epochs ${dynamic.join(', ')} against ${baseline.join(', ')}`,
        };
      },
    },
    ...[
      { other: 'fully-connected-own-heads', name: 'the fully connected graph whose heads start differently' },
      { other: 'local-only', name: 'training alone' },
    ].map(
      ({ other, name }): Claim => ({
        ...base,
        says: `control: the dynamic graph needs fewer epochs to 0.4 than ${name}`,
        expected: 'interval of the difference above 0 epochs',
        check(curves) {
          const dynamic = epochsToTarget(curves, 'dynamic');
          const epochs = epochsToTarget(curves, other);
          const { mean: centre, margin } = estimate(epochs.map((count, k) => count - dynamic[k]!));
          return {
            holds: centre - margin > 0,
            figure: `${signed(centre, 1)} ± ${margin.toFixed(1)} epochs: ${epochs.join(', ')} epochs`,
          };
        },
      }),
    ),
    ...['dynamic', 'never-frozen'].map(
      (variant): Claim => ({
        ...base,
        says: `the clusters are there by epoch 16 (Fig. 4 of the paper), ${variant}`,
        expected: 'at some epoch ≤ 16, in every seed',
        check(curves) {
          const epochs = curves.seeds.map((seed) => epochOfClusters(curves, variant, seed));
          return { holds: epochs.every((epoch) => epoch <= 16), figure: `epochs ${epochs.join(', ')}` };
        },
      }),
    ),
    {
      ...base,
      byConstruction: true,
      says: 'W is doubly stochastic at all times',
      expected: 'to 1e-9, at every epoch of every seed',
      check: (curves) =>
        seedsWhere(curves, (seed) =>
          curves.rounds('dynamic', seed, 'sent-bytes').every((round) => {
            const mixing = curves.mixing('dynamic', seed, NODES, round);
            const sums = mixing.flatMap((row, i) => [
              row.reduce((sum, w) => sum + w, 0),
              mixing.reduce((sum, other) => sum + other[i]!, 0),
            ]);
            return sums.every((sum) => Math.abs(sum - 1) < 1e-9) && mixing.flat().every((w) => w >= 0);
          }),
        ),
    },
    {
      ...base,
      byConstruction: true,
      says: 'once the clusters are found, a third of the messages is left (4 of 12 per average)',
      expected: 'exactly a third of the bytes of values in the last epoch, in every seed',
      check: (curves) =>
        seedsWhere(
          curves,
          (seed) =>
            3 * lastEpochBytes(curves, 'dynamic', seed) === lastEpochBytes(curves, 'fully-connected', seed),
        ),
    },
  ]),
  {
    ...small,
    says: 'if the first clustering is kept, the loss does not rise again',
    expected: 'the last loss of every task ≤ its least + 0.02, in every seed',
    check(curves) {
      const rises = curves.seeds.map((seed) => riseOf(curves, 'dynamic', seed, 'at the end'));
      return {
        holds: rises.every((rise) => rise <= 0.02),
        figure: `at most +${Math.max(...rises).toFixed(3)}`,
      };
    },
  },
  {
    ...small,
    says: 'control: if it is not kept, late gradients are noise and the loss rises again (the paper: sudden divergence)',
    expected: 'by more than 0.1 in at least one seed',
    check(curves) {
      const rises = curves.seeds.map((seed) => riseOf(curves, 'never-frozen', seed, 'ever'));
      return {
        holds: Math.max(...rises) > 0.1,
        figure: rises.map((rise) => `+${rise.toFixed(2)}`).join(', '),
      };
    },
  },
  {
    ...small,
    says: 'control: if heads start differently, gradients cannot be compared, and the clusters are not found',
    expected: 'in no seed',
    check(curves) {
      const found = curves.seeds.filter((seed) => isClustered(curves.mixing('own-heads', seed, NODES)));
      return { holds: found.length === 0, figure: `in ${found.length} of ${curves.seeds.length} seeds` };
    },
  },
  {
    ...small,
    says: 'two head steps a mini-batch (K1 = 2) find the same clusters',
    expected: 'in every seed',
    check: (curves) =>
      seedsWhere(curves, (seed) => isClustered(curves.mixing('two-head-steps', seed, NODES))),
  },
  ...SAMPLES.flatMap((samples) => [
    lower(samples, 'dynamic', 'local-only'),
    lower(samples, 'dynamic', 'fully-connected-own-heads'),
  ]),
  // Added after a look at seeds 1 to 5, where averaging with everybody had been better alone up to 30 samples.
  ...[40, 120].map((samples) => ({
    ...lower(samples, 'fully-connected-own-heads', 'local-only'),
    seeds: FRESH,
  })),
  ...[1200, 4000].map((samples) => ({
    ...lower(samples, 'local-only', 'fully-connected-own-heads'),
    seeds: FRESH,
  })),
  ...[40, 120, 400].map((samples) => ({ ...lower(samples, 'known-clusters', 'local-only'), seeds: FRESH })),
];

function lower(samples: number, variant: string, other: string): Claim {
  return {
    ...data,
    says: `with ${samples / NODES} samples a task, ${NAMES[variant]} reaches a lower test loss than ${NAMES[other]}`,
    expected: 'interval of the difference of the least losses above 0',
    check: (curves) =>
      beyondChance(curves, 0, gain(curves, samples, variant, other), (loss) => signed(loss, 3)),
  };
}

function gain(curves: Curves, samples: number, variant: string, other: string) {
  return (seed: number) =>
    leastLoss(curves, `train-${samples}-${other}`, seed) -
    leastLoss(curves, `train-${samples}-${variant}`, seed);
}

/** Least test losses by samples and variant, and what each variant gains over training alone, seed by seed. */
export function leastLossTable(curves: Curves): string[] {
  const others = Object.keys(NAMES).filter((name) => name !== 'local-only');
  const range = (values: readonly number[], show: (value: number) => string) => {
    const { mean: centre, margin } = estimate(values);
    return `${show(centre)} ± ${margin.toFixed(3)}`;
  };
  const row = (samples: number) => {
    const alone = curves.seeds.map((seed) => leastLoss(curves, `train-${samples}-local-only`, seed));
    const gains = others.map((name) => {
      const own = curves.seeds.map((seed) => leastLoss(curves, `train-${samples}-${name}`, seed));
      const differences = curves.seeds.map(gain(curves, samples, name, 'local-only'));
      return `${mean(own).toFixed(3)} (${range(differences, (value) => signed(-value, 3))})`;
    });
    return [samples / NODES, range(alone, (value) => value.toFixed(3)), ...gains];
  };
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['samples a task', 'local-only', ...others.map((name) => `${name} (against local-only)`)]),
    `|${'---|'.repeat(others.length + 2)}`,
    ...SAMPLES.map((samples) => line(row(samples))),
    '',
  ];
}

/** The least test loss of a run, mean over the tasks. */
export function leastLoss(curves: Curves, variant: string, seed: number): number {
  return Math.min(...curves.series(variant, seed, 'loss-mean'));
}

/** The epoch at whose beginning W is first that of the clusters; Infinity if it never is. */
function epochOfClusters(curves: Curves, variant: string, seed: number): number {
  const rounds = [
    ...new Set(
      curves.weights.filter((one) => one.variant === variant && one.seed === seed).map(({ round }) => round),
    ),
  ];
  const first = rounds
    .sort((a, b) => a - b)
    .find((round) => isClustered(curves.mixing(variant, seed, NODES, round)));
  return first === undefined ? Number.POSITIVE_INFINITY : Math.ceil(first / EPOCH);
}

function isClustered(mixing: readonly (readonly number[])[]): boolean {
  return mixing.every((row, i) => row.every((w, j) => w === (CLUSTERS[i] === CLUSTERS[j] ? 0.5 : 0)));
}

/** By seed, the first epoch in which the test loss of every objective is below the target; Infinity if there is none. */
function epochsToTarget(curves: Curves, variant: string): number[] {
  return curves.seeds.map((seed) => {
    const tasks = Array.from({ length: NODES }, (_, node) => {
      const losses = curves.series(variant, seed, 'loss', node);
      const first = losses.findIndex((loss) => loss < TARGET);
      return first < 0 ? Infinity : curves.rounds(variant, seed, 'loss', node)[first]! / EPOCH;
    });
    return Math.max(...tasks);
  });
}

/** How far the loss of the worst objective rises above its least value before: at most, or at the end only. */
function riseOf(curves: Curves, variant: string, seed: number, when: 'ever' | 'at the end'): number {
  const rises = Array.from({ length: NODES }, (_, node) => {
    const losses = curves.series(variant, seed, 'loss', node);
    const above = losses.map((loss, epoch) => loss - Math.min(...losses.slice(0, epoch + 1)));
    return when === 'ever' ? Math.max(...above) : above.at(-1)!;
  });
  return Math.max(...rises);
}

function lastEpochBytes(curves: Curves, variant: string, seed: number): number {
  const [before, after] = curves.series(variant, seed, 'values-bytes').slice(-2);
  return after! - before!;
}

function seedsWhere(curves: Curves, holds: (seed: number) => boolean): Verdict {
  const good = curves.seeds.filter(holds);
  return {
    holds: good.length === curves.seeds.length,
    figure: `in ${good.length} of ${curves.seeds.length} seeds`,
  };
}
