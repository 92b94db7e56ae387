/** FedAvg and IFCA at the size of their papers, beside the figures that these give. */
import { type Claim, everySeed, mean, spread } from './claim.js';
import type { Curves } from './curves.js';

/** McMahan et al. 2017, Table 1: 2NN, E = 1, B = 10, C = 0.1; rounds to 97 % on the whole test set. */
const ROUNDS = { iid: 87, 'two-shards': 664 };
const GOAL = 0.97;

/** As in the paper: on the best accuracy so far, with the round between two measurements by linear interpolation. */
function roundsTo(curves: Curves, variant: string, seed: number): number {
  const metric = 'global-accuracy-mean';
  let before = { round: 0, best: 0 };
  for (const round of curves.rounds(variant, seed, metric)) {
    const best = Math.max(before.best, curves.at(variant, seed, metric, { round }));
    if (best >= GOAL)
      return before.round + ((round - before.round) * (GOAL - before.best)) / (best - before.best);
    before = { round, best };
  }
  return Number.POSITIVE_INFINITY;
}

const roundsOfFedavg = Object.entries(ROUNDS).map(
  ([variant, published]): Claim => ({
    method: 'fedavg',
    scenario: 'fedavg-rounds',
    says: `${variant === 'iid' ? 'IID' : 'two shards each'}: rounds to 97 %, published ${published}`,
    expected: `${published / 2} to ${2 * published} on average`,
    check(curves) {
      const rounds = curves.seeds.map((seed) => roundsTo(curves, variant, seed));
      const average = mean(rounds);
      return {
        holds: average >= published / 2 && average <= 2 * published,
        figure: spread(rounds, (value) => value.toFixed(0)),
      };
    },
  }),
);

/** Ghosh et al. 2020, Table 1, rotated digits with 1,200 nodes of 200 samples: accuracies in percent, from memory. */
const ROTATED = { ifca: 95.25, 'one-model': 89.73, 'local-only': 80.05 };

const ofIfca = (
  [
    ['ifca', 'one-model'],
    ['one-model', 'local-only'],
  ] as const
).map(([better, worse]): Claim => {
  const published = ROTATED[better] - ROTATED[worse];
  return {
    method: 'ifca',
    scenario: 'ifca-rotated',
    says: `rotated digits, 1,200 nodes: ${better} over ${worse}, published +${published.toFixed(1)} pp`,
    expected: `≥ +${(published / 2).toFixed(1)} pp in every seed`,
    check: (curves) =>
      everySeed(
        curves,
        published / 200,
        (seed) => curves.at(better, seed, 'accuracy-mean') - curves.at(worse, seed, 'accuracy-mean'),
      ),
  };
});

export const claims: readonly Claim[] = [...roundsOfFedavg, ...ofIfca];
