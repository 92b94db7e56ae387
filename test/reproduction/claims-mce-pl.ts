/** MCE-PL: masks learn as well as weights do, neighbours' masks help, and cost a thirty-second of the weights. */
import { type Claim, everySeed, onAverage } from './claim.js';
import type { Curves } from './curves.js';

const base = { method: 'mce-pl', scenario: 'mce-pl-small' };

/** Accuracy of one variant over that of another, at a round. */
const over = (curves: Curves, a: string, b: string, round: number) => (seed: number) =>
  curves.at(a, seed, 'accuracy-mean', { round }) - curves.at(b, seed, 'accuracy-mean', { round });

export const claims: readonly Claim[] = [
  {
    ...base,
    says: "neighbours' masks raise the accuracy over masks learned alone",
    expected: '≥ +0.5 pp in every seed',
    check: (curves) => everySeed(curves, 0.005, over(curves, 'mce-pl', 'independent', 100)),
  },
  {
    ...base,
    says: 'the aggregation tensor beats a naive vote on masks',
    expected: '≥ +8 pp in every seed',
    check: (curves) => everySeed(curves, 0.08, over(curves, 'mce-pl', 'vote', 100)),
  },
  {
    ...base,
    says: 'MCE-PL is more accurate than gossip on weights',
    expected: '≥ +1 pp in every seed',
    check: (curves) => everySeed(curves, 0.01, over(curves, 'mce-pl', 'd-psgd', 100)),
  },
  {
    ...base,
    says: 'at a thirty-second of the bytes of values',
    expected: 'exactly 32 times as many for D-PSGD',
    check(curves) {
      const ratios = curves.seeds.map(
        (seed) => curves.at('d-psgd', seed, 'values-bytes') / curves.at('mce-pl', seed, 'values-bytes'),
      );
      return { holds: ratios.every((ratio) => ratio === 32), figure: [...new Set(ratios)].join(', ') };
    },
  },
  {
    ...base,
    says: 'masks over random weights learn as well as the weights themselves (strong lottery tickets)',
    expected: '≥ −1 pp in every seed',
    check: (curves) => everySeed(curves, -0.01, over(curves, 'independent', 'local-weights', 100)),
  },
  {
    ...base,
    says: 'personalized fine-tuning helps early (iteration 20)',
    expected: '≥ 0 pp on average',
    check: (curves) => onAverage(curves, [0, 1], over(curves, 'mce-pl', 'no-fine-tuning', 20)),
  },
  {
    ...base,
    says: 'nodes may keep different shares of their weights (10, 30, 50 %)',
    expected: 'within 1.5 pp of 30 % everywhere, on average',
    check: (curves) => onAverage(curves, [-0.015, 0.015], over(curves, 'heterogeneous', 'mce-pl', 100)),
  },
];
