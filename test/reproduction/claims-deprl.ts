/** DePRL: a shared representation with personal heads beats common models under heterogeneity, and N nodes are N times as fast. */
import { signed } from '../../src/report/statistics.js';
import { beyondChance, type Claim, everySeed, mean, median, onAverage, withinChance } from './claim.js';
import type { Curves } from './curves.js';

const permuted = { method: 'deprl', scenario: 'deprl-small' };
const dirichlet = { method: 'deprl', scenario: 'deprl-dirichlet-small' };
const speedup = { method: 'deprl', scenario: 'deprl-speedup-small' };
const alexnet = { method: 'deprl', scenario: 'deprl-alexnet' };
const rounds = { method: 'deprl', scenario: 'deprl-rounds-small' };

/** Numbers of nodes. */
export const SIZES = [4, 8, 16, 32];
/** Below the noise of four nodes at the step size of deprl-speedup-small. */
const ERROR = 0.005;

/** Number of params of the head: 32 × 10 and 10. */
const HEAD = 330;

/** Thresholds that these decide were set, or the point of a round was changed, after a look at seeds 1 to 5. */
const FRESH = [6, 7, 8, 9, 10];

/** Accuracy of DePRL over that of another, at a point of a round; the paper's code measures after local training. */
const over =
  (curves: Curves, other: string, point: 'adapted' | 'mixed' = 'adapted') =>
  (seed: number): number => {
    const at = (variant: string) =>
      curves.at(variant, seed, curves.metricAt(variant, 'accuracy-mean', point) ?? 'accuracy-mean');
    return at('deprl') - at(other);
  };

export const claims: readonly Claim[] = [
  {
    ...permuted,
    seeds: FRESH,
    says: 'with permuted label names, DePRL beats training alone',
    expected: '≥ +1.5 pp in every seed',
    check: (curves) => everySeed(curves, 0.015, over(curves, 'local-only')),
  },
  {
    ...permuted,
    seeds: FRESH,
    says: 'with permuted label names, DePRL beats D-PSGD even after each node has trained the common model',
    expected: 'interval above +5 pp',
    check: (curves) => beyondChance(curves, 0.05, over(curves, 'd-psgd')),
  },
  {
    ...permuted,
    says: 'mixed models: DePRL beats D-PSGD, whose one head cannot serve all nodes',
    expected: '≥ +25 pp in every seed',
    check: (curves) => everySeed(curves, 0.25, over(curves, 'd-psgd', 'mixed')),
  },
  {
    ...permuted,
    byConstruction: true,
    says: 'the head is in no message: a message is 4·330 bytes smaller than that of D-PSGD',
    expected: 'exactly, in every seed',
    check(curves) {
      const saved = curves.seeds.map(
        (seed) =>
          (curves.at('d-psgd', seed, 'values-bytes') - curves.at('deprl', seed, 'values-bytes')) /
          (curves.at('deprl', seed, 'header-bytes') / 32),
      );
      return {
        holds: saved.every((bytes) => bytes === 4 * HEAD),
        figure: `${[...new Set(saved)].join(', ')} B`,
      };
    },
  },
  ...(['adapted', 'mixed'] as const).flatMap((point): Claim[] => [
    {
      ...dirichlet,
      says: `${point} models: under Dirichlet(0.1), DePRL beats D-PSGD`,
      expected: '≥ +1 pp on average',
      check: (curves) => onAverage(curves, [0.01, 1], over(curves, 'd-psgd', point)),
    },
    {
      ...dirichlet,
      says: `${point} models: under Dirichlet(0.1), DePRL beats FedAvg`,
      expected: '≥ +4 pp on average',
      check: (curves) => onAverage(curves, [0.04, 1], over(curves, 'fedavg', point)),
    },
  ]),
  {
    ...dirichlet,
    says: 'under Dirichlet(0.1), DePRL is more accurate than training alone',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'local-only')),
  },
  ...['ditto', 'dis-pfl'].map(
    (other): Claim => ({
      ...dirichlet,
      says: `under Dirichlet(0.1), DePRL beats ${other}`,
      expected: 'interval above 0 pp',
      check: (curves) => beyondChance(curves, 0, over(curves, other)),
    }),
  ),
  {
    ...dirichlet,
    says: 'Dis-PFL with nodes that keep 20, 40, 60 and 80 % of their weights is as accurate as with 50 % everywhere',
    expected: 'interval within ±2 pp',
    check: (curves) =>
      withinChance(
        curves,
        [-0.02, 0.02],
        (seed) =>
          curves.at('dis-pfl-densities', seed, 'accuracy-mean') - curves.at('dis-pfl', seed, 'accuracy-mean'),
      ),
  },
  {
    ...rounds,
    says: `the rounds to an error of ${ERROR}, each number of nodes with its best step size, fall as 1/N (linear speedup)`,
    expected: 'slope between N = 4 and 32 in [−1.3, −0.7] on logarithmic axes',
    check(curves) {
      const best = SIZES.map((nodes) => fewestRounds(curves, nodes));
      const slope = speedupSlope(best);
      const text = best.map(({ nodes, rounds: needed, rate }) => `${needed} (N = ${nodes}, η = ${rate})`);
      return {
        holds: slope >= -1.3 && slope <= -0.7,
        figure: `${signed(slope, 2)}: ${text.join(', ')} rounds`,
      };
    },
  },
  ...['ring', 'star', 'complete'].map(
    (topology): Claim => ({
      ...speedup,
      says: `noise floor: at a fixed step size the error of the representation falls as 1/N (${topology})`,
      expected: 'slope between N = 4 and 32 in [−1.3, −0.7] on logarithmic axes',
      check(curves) {
        const slope = slopeOf(
          SIZES.map((nodes) => [Math.log(nodes), Math.log(errorOf(curves, nodes, topology))]),
        );
        return { holds: slope >= -1.3 && slope <= -0.7, figure: signed(slope, 2) };
      },
    }),
  ),
  ...(
    [
      ['local-only', 'adapted', 0],
      ['d-psgd', 'adapted', 0],
      ['d-psgd', 'mixed', 0.02],
      ['fedavg', 'mixed', 0.04],
    ] as const
  ).map(
    ([other, point, least]): Claim => ({
      ...alexnet,
      says: `${point} models: AlexNet on clothes under Dirichlet(0.1), DePRL beats ${other}`,
      expected: `≥ +${100 * least} pp in every seed`,
      check: (curves) => everySeed(curves, least, over(curves, other, point)),
    }),
  ),
];

/** Median over seeds of the mean squared distance of the representation in the last 100 rounds. */
export function errorOf(curves: Curves, nodes: number, topology = 'ring'): number {
  const last = curves.seeds.map((seed) => {
    const values = curves.series(`nodes-${nodes}-${topology}`, seed, 'representation-distance');
    return mean(values.slice(-10));
  });
  return median(last);
}

function speedupSlope(best: readonly { nodes: number; rounds: number }[]): number {
  return slopeOf(best.map(({ nodes, rounds: needed }) => [Math.log(nodes), Math.log(needed)]));
}

/** The fewest rounds to several errors, with the step sizes that need them, and the slopes on logarithmic axes. */
export function roundsTable(curves: Curves): string[] {
  const row = (error: number) => {
    const best = SIZES.map((nodes) => fewestRounds(curves, nodes, error));
    const cells = best.map(({ rounds: needed, rate }) => `${needed.toLocaleString('en')} (η = ${rate})`);
    return `| ${error} | ${cells.join(' | ')} | ${signed(speedupSlope(best), 2)} |`;
  };
  return [
    `| error | ${SIZES.map((nodes) => `rounds, N = ${nodes}`).join(' | ')} | slope |`,
    `|${'---|'.repeat(SIZES.length + 2)}`,
    ...[0.02, 0.01, ERROR, 0.003, 0.002].map(row),
    '',
  ];
}

/** Measurements whose mean must be below the error, since single ones fluctuate. */
const IN_A_ROW = 5;

/** The step size with which a number of nodes needs the fewest rounds to the error, by the median over seeds. */
export function fewestRounds(
  curves: Curves,
  nodes: number,
  error = ERROR,
): { nodes: number; rate: string; rounds: number } {
  const prefix = `nodes-${nodes}-`;
  const all = curves.variants.filter((variant) => variant.startsWith(prefix));
  const found = all.map((variant) => {
    const needed = curves.seeds.map((seed) => {
      const values = curves.series(variant, seed, 'representation-distance');
      const measured = curves.rounds(variant, seed, 'representation-distance');
      const at = values.findIndex(
        (_, k) => k >= IN_A_ROW - 1 && mean(values.slice(k + 1 - IN_A_ROW, k + 1)) <= error,
      );
      return at < 0 ? Number.POSITIVE_INFINITY : measured[at]!;
    });
    return { nodes, rate: variant.slice(`${prefix}learning-rate-`.length), rounds: median(needed) };
  });
  return found.reduce((best, one) => (one.rounds < best.rounds ? one : best));
}

/** Least squares. */
function slopeOf(pairs: readonly (readonly number[])[]): number {
  const [x, y] = [0, 1].map((k) => mean(pairs.map((pair) => pair[k]!)));
  const above = pairs.reduce((sum, [a, b]) => sum + (a! - x!) * (b! - y!), 0);
  return above / pairs.reduce((sum, [a]) => sum + (a! - x!) ** 2, 0);
}
