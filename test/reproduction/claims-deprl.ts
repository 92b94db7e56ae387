/** DePRL: a shared representation with personal heads beats common models under heterogeneity, and N nodes are N times as fast. */
import { type Claim, everySeed, mean, median, onAverage, points } from './claim.js';
import type { Curves } from './curves.js';

const permuted = { method: 'deprl', scenario: 'deprl-small' };
const dirichlet = { method: 'deprl', scenario: 'deprl-dirichlet-small' };
const speedup = { method: 'deprl', scenario: 'deprl-speedup-small' };

/** Number of params of the head: 32 × 10 and 10. */
const HEAD = 330;

const over = (curves: Curves, other: string) => (seed: number) =>
  curves.at('deprl', seed, 'accuracy-mean') - curves.at(other, seed, 'accuracy-mean');

export const claims: readonly Claim[] = [
  {
    ...permuted,
    says: 'with permuted label names, DePRL beats training alone',
    expected: '≥ +1.5 pp in every seed',
    check: (curves) => everySeed(curves, 0.015, over(curves, 'local-only')),
  },
  {
    ...permuted,
    says: 'with permuted label names, DePRL beats D-PSGD, whose one head cannot serve all nodes',
    expected: '≥ +25 pp in every seed',
    check: (curves) => everySeed(curves, 0.25, over(curves, 'd-psgd')),
  },
  {
    ...permuted,
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
  {
    ...dirichlet,
    says: 'under Dirichlet(0.1), DePRL beats D-PSGD',
    expected: '≥ +1 pp on average',
    check: (curves) => onAverage(curves, [0.01, 1], over(curves, 'd-psgd')),
  },
  {
    ...dirichlet,
    says: 'under Dirichlet(0.1), DePRL beats FedAvg',
    expected: '≥ +4 pp on average',
    check: (curves) => onAverage(curves, [0.04, 1], over(curves, 'fedavg')),
  },
  {
    ...dirichlet,
    says: 'under Dirichlet(0.1), DePRL is no worse than training alone (digits are too easy to gain much)',
    expected: '≥ −3 pp on average',
    check: (curves) => onAverage(curves, [-0.03, 1], over(curves, 'local-only')),
  },
  {
    ...speedup,
    says: 'the error of the representation falls as 1/N (linear speedup)',
    expected: 'slope between N = 4 and 32 in [−1.3, −0.7] on logarithmic axes',
    check(curves) {
      const sizes = [4, 8, 16, 32];
      const slope = slopeOf(sizes.map((nodes) => [Math.log(nodes), Math.log(errorOf(curves, nodes))]));
      return { holds: slope >= -1.3 && slope <= -0.7, figure: slope.toFixed(2) };
    },
  },
  {
    ...speedup,
    says: 'with 32 nodes this error is at most a quarter of that with 4',
    expected: '≤ 0.25',
    check(curves) {
      const ratio = errorOf(curves, 32) / errorOf(curves, 4);
      return { holds: ratio <= 0.25, figure: ratio.toFixed(3) };
    },
  },
  {
    ...speedup,
    says: 'N times the error is constant',
    expected: 'within ±35 % of its mean, N = 4 to 32',
    check(curves) {
      const products = [4, 8, 16, 32].map((nodes) => nodes * errorOf(curves, nodes));
      const centre = mean(products);
      const worst = Math.max(...products.map((product) => Math.abs(product / centre - 1)));
      return { holds: worst <= 0.35, figure: `at most ${points(worst).replace(' pp', ' %')} off` };
    },
  },
];

/** Median over seeds of the mean squared distance of the representation in the last 100 rounds. */
export function errorOf(curves: Curves, nodes: number): number {
  const last = curves.seeds.map((seed) => {
    const values = curves.series(`nodes-${nodes}`, seed, 'representation-distance');
    return mean(values.slice(-10));
  });
  return median(last);
}

/** Least squares. */
function slopeOf(pairs: readonly (readonly number[])[]): number {
  const [x, y] = [0, 1].map((k) => mean(pairs.map((pair) => pair[k]!)));
  const above = pairs.reduce((sum, [a, b]) => sum + (a! - x!) * (b! - y!), 0);
  return above / pairs.reduce((sum, [a]) => sum + (a! - x!) ** 2, 0);
}
