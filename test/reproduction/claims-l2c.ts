/** L2C and meta-L2C: nodes find others with the same objective, and a trained encoder finds these at once. */
import { beyondChance, type Claim, everySeed, mean, onAverage, spread, withinChance } from './claim.js';
import type { Curves } from './curves.js';

const small = { method: 'l2c', scenario: 'l2c-small' };
const overlap = { method: 'l2c', scenario: 'l2c-overlap-small' };
const hundred = { method: 'l2c', scenario: 'l2c-hundred-small' };
const transfer = { method: 'meta-l2c', scenario: 'meta-l2c-transfer-small' };

/** Thresholds that these decide were set after a look at seeds 1 to 5. */
const FRESH = [6, 7, 8, 9, 10];

const NODES = 20;
const GROUP = 4;
const KEPT = 3;

const over =
  (curves: Curves, a: string, b: string, round?: number, metric = 'accuracy-mean') =>
  (seed: number): number => {
    const where = round === undefined ? {} : { round };
    return curves.at(a, seed, metric, where) - curves.at(b, seed, metric, where);
  };

export const claims: readonly Claim[] = [
  {
    ...small,
    says: 'L2C is more accurate than training alone',
    expected: '≥ +0.5 pp in every seed',
    check: (curves) => everySeed(curves, 0.005, over(curves, 'l2c', 'local-only')),
  },
  {
    ...small,
    seeds: FRESH,
    says: 'of what gossip within the true groups gains over gossip with random neighbours, L2C gains most',
    expected: '≥ 80 % of it in every seed',
    check(curves) {
      const shares = curves.seeds.map(
        (seed) => over(curves, 'l2c', 'd-psgd')(seed) / over(curves, 'true-groups', 'd-psgd')(seed),
      );
      return { holds: shares.every((one) => one >= 0.8), figure: spread(shares, percent) };
    },
  },
  {
    ...small,
    seeds: FRESH,
    says: 'at the other point, after local training, L2C is ahead of gossip with random neighbours too',
    expected: 'interval above 0 pp',
    check: (curves) =>
      beyondChance(curves, 0, over(curves, 'l2c', 'd-psgd', undefined, 'accuracy:adapted-mean')),
  },
  {
    ...small,
    says: 'gossip with random neighbours is more accurate than one model for all',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'd-psgd', 'fedavg')),
  },
  {
    ...small,
    says: 'L2C comes close to gossip within the true groups',
    expected: 'at most 1.5 pp below, on average',
    check: (curves) => onAverage(curves, [-0.015, 1], over(curves, 'l2c', 'true-groups')),
  },
  {
    ...small,
    seeds: FRESH,
    says: 'ablation: where groups do not overlap, weights that no longer learn after the choice cost nothing',
    expected: 'interval within ±1 pp',
    check: (curves) => withinChance(curves, [-0.01, 0.01], over(curves, 'l2c-frozen', 'l2c')),
  },
  {
    ...small,
    seeds: FRESH,
    says: 'to train on the validation rows too, once the neighbours are chosen, raises the accuracy',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'l2c-refit', 'l2c')),
  },
  {
    ...small,
    says: 'the weight that a node gives its own group grows (1/5 at first)',
    expected: '≥ 0.45 at round 9 and ≥ 0.98 at round 20, in every seed',
    check(curves) {
      const [early, late] = [9, 20].map((round) =>
        curves.seeds.map((seed) => groupMass(curves, 'l2c', seed, round)),
      );
      return {
        holds: early!.every((mass) => mass >= 0.45) && late!.every((mass) => mass >= 0.98),
        figure: `${spread(early!, share)} and ${spread(late!, share)}`,
      };
    },
  },
  {
    ...small,
    says: 'the three neighbours that a node keeps are those of its own group',
    expected: '≥ 2.8 of 3 on average',
    check(curves) {
      const kept = curves.seeds.map((seed) =>
        keptOfGroup(curves, 'l2c', seed, { nodes: NODES, group: GROUP }),
      );
      return { holds: mean(kept) >= 2.8, figure: spread(kept, (value) => `${value.toFixed(2)} of ${KEPT}`) };
    },
  },
  {
    ...small,
    byConstruction: true,
    says: 'leaving the others out divides the messages of a round by 19/3',
    expected: 'exactly 380 to 60 messages',
    check(curves) {
      const ratios = curves.seeds.map((seed) => {
        const bytes = (round: number) => curves.at('l2c', seed, 'values-bytes', { round });
        return (bytes(9) - bytes(6)) / (bytes(18) - bytes(15));
      });
      return {
        holds: ratios.every((ratio) => ratio === 380 / 60),
        figure: ratios.map((r) => r.toFixed(4)).join(', '),
      };
    },
  },
  {
    ...small,
    says: 'with meta-L2C a node gives its weight to its own group within ten rounds',
    expected: '≥ 0.9 at round 9, in every seed',
    check(curves) {
      const mass = curves.seeds.map((seed) => groupMass(curves, 'meta-l2c', seed, 9));
      return { holds: mass.every((one) => one >= 0.9), figure: spread(mass, share) };
    },
  },
  {
    ...overlap,
    seeds: FRESH,
    says: 'where there are no groups, L2C is as accurate as training alone',
    expected: 'interval within ±1 pp',
    check: (curves) => withinChance(curves, [-0.01, 0.01], over(curves, 'l2c', 'local-only')),
  },
  {
    ...overlap,
    seeds: FRESH,
    says: 'ablation: there, weights that no longer learn after the choice cost accuracy',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'l2c', 'l2c-frozen')),
  },
  {
    ...overlap,
    says: 'where there are no groups, L2C is far more accurate than gossip with random neighbours',
    expected: '≥ +6 pp in every seed',
    check: (curves) => everySeed(curves, 0.06, over(curves, 'l2c', 'd-psgd')),
  },
  {
    ...overlap,
    seeds: FRESH,
    says: 'to train on the validation rows too, after half of the rounds, raises the accuracy',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'l2c-refit', 'l2c')),
  },
  {
    ...hundred,
    says: 'of a hundred nodes, the nine neighbours that a node keeps are those of its own group of twenty',
    expected: '≥ 8.5 of 9 on average',
    check(curves) {
      const kept = curves.seeds.map((seed) => keptOfGroup(curves, 'l2c', seed, { nodes: 100, group: 20 }));
      return { holds: mean(kept) >= 8.5, figure: spread(kept, (value) => `${value.toFixed(2)} of 9`) };
    },
  },
  {
    ...hundred,
    says: 'there L2C is more accurate than training alone',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'l2c', 'local-only')),
  },
  {
    ...transfer,
    says: 'in the first round, a trained encoder finds the groups of nodes that it was not trained on',
    expected: 'weight on the own group ≥ 0.95 at round 1, in every seed',
    check(curves) {
      const mass = curves.seeds.map((seed) => groupMass(curves, 'frozen-encoder', seed, 1));
      return { holds: mass.every((one) => one >= 0.95), figure: spread(mass, share) };
    },
  },
  {
    ...transfer,
    says: 'with a trained encoder these nodes are accurate in round 1',
    expected: '≥ 88 %, in every seed',
    check(curves) {
      const all = curves.seeds.map((seed) =>
        curves.at('frozen-encoder', seed, 'accuracy-mean', { round: 1 }),
      );
      return { holds: all.every((one) => one >= 0.88), figure: spread(all, percent) };
    },
  },
  {
    ...transfer,
    says: 'nodes that must first learn with whom to mix are not accurate in round 1',
    expected: '≤ 35 %, in every seed',
    check(curves) {
      const all = ['fresh-l2c', 'fresh-meta-l2c'].flatMap((variant) =>
        curves.seeds.map((seed) => curves.at(variant, seed, 'accuracy-mean', { round: 1 })),
      );
      return { holds: all.every((one) => one <= 0.35), figure: spread(all, percent) };
    },
  },
];

/** Mean over nodes of the weight on the own group, the node itself included. */
function groupMass(curves: Curves, variant: string, seed: number, round: number): number {
  const mixing = curves.mixing(variant, seed, NODES, round);
  return mean(
    mixing.map((row, i) => row.reduce((sum, weight, j) => (sameGroup(i, j) ? sum + weight : sum), 0)),
  );
}

/** Mean over nodes of how many neighbours that a node keeps are of its own group. */
function keptOfGroup(
  curves: Curves,
  variant: string,
  seed: number,
  { nodes, group }: { readonly nodes: number; readonly group: number },
): number {
  const isKept = (weight: number, i: number, j: number) =>
    i !== j && weight > 0 && Math.floor(i / group) === Math.floor(j / group);
  const mixing = curves.mixing(variant, seed, nodes);
  return mean(mixing.map((row, i) => row.filter((weight, j) => isKept(weight, i, j)).length));
}

function sameGroup(i: number, j: number): boolean {
  return Math.floor(i / GROUP) === Math.floor(j / GROUP);
}

function share(value: number): string {
  return value.toFixed(2);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
