/** MCE-PL: masks learn as well as weights do, neighbours' masks help, and cost a thirty-second of the weights. */
import { beyondChance, type Claim, everySeed, mean, onAverage, withinChance } from './claim.js';
import type { Curves } from './curves.js';

const base = { method: 'mce-pl', scenario: 'mce-pl-small' };
const early = { method: 'mce-pl', scenario: 'mce-pl-early-small' };
const classes = { method: 'mce-pl', scenario: 'mce-pl-classes-small' };
const sparsity = { method: 'mce-pl', scenario: 'mce-pl-sparsity-small' };
const codecs = { method: 'mce-pl', scenario: 'mce-pl-codecs-small' };

/** Masked weights of body and head, and the shares of them that are kept. */
const LAYERS = [
  { weights: 784 * 256, keep: 0.3 },
  { weights: 256 * 10, keep: 0.9 },
];

/** Σ d·H₂(r)/8: the least bytes that a code of independent bits can have on average. */
const ENTROPY = LAYERS.reduce(
  (sum, { weights, keep }) =>
    sum - (weights * (keep * Math.log2(keep) + (1 - keep) * Math.log2(1 - keep))) / 8,
  0,
);

/** Mean bytes of values per message. */
function bytesOf(curves: Curves, codec: string): number {
  const seed = curves.seeds[0]!;
  const packed = curves.at('packed-mask', seed, 'header-bytes') / 32;
  return curves.at(codec, seed, 'values-bytes') / packed;
}

const bytes = (value: number) => `${Math.round(value).toLocaleString('en')} B`;

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
    byConstruction: true,
    says: 'MCE-PL sends a thirty-second of the bytes of values of gossip on weights',
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
    ...early,
    says: 'personalized fine-tuning helps early (iteration 10)',
    expected: 'interval above +1 pp',
    check: (curves) => beyondChance(curves, 0.01, over(curves, 'mce-pl', 'no-fine-tuning', 10)),
  },
  {
    ...base,
    says: 'and makes no difference at the end (iteration 100)',
    expected: 'interval within ±1 pp',
    check: (curves) => withinChance(curves, [-0.01, 0.01], over(curves, 'mce-pl', 'no-fine-tuning', 100)),
  },
  {
    ...base,
    says: 'nodes may keep different shares of their weights (10, 30, 50 %)',
    expected: 'within 1.5 pp of 30 % everywhere, on average',
    check: (curves) => onAverage(curves, [-0.015, 0.015], over(curves, 'heterogeneous', 'mce-pl', 100)),
  },
  ...['10', '50'].map(
    (keep): Claim => ({
      ...base,
      says: `keeping ${keep} % of the weights is as good as keeping 30 %`,
      expected: 'interval within ±3 pp',
      check: (curves) => withinChance(curves, [-0.03, 0.03], over(curves, `keep-${keep}`, 'mce-pl', 100)),
    }),
  ),
  ...[3, 4, 5].map(
    (count): Claim => ({
      ...classes,
      says: `with ${count} classes a node, neighbours' masks raise the accuracy over masks learned alone`,
      expected: 'interval above 0 pp',
      check: (curves) =>
        beyondChance(curves, 0, over(curves, `classes-${count}-mce-pl`, `classes-${count}-independent`, 100)),
    }),
  ),
  {
    ...classes,
    says: 'the more classes nodes have in common, the less MCE-PL gains over gossip on weights (5 against 3)',
    expected: 'interval above 0 pp',
    check: (curves) =>
      beyondChance(
        curves,
        0,
        (seed) =>
          over(curves, 'classes-3-mce-pl', 'classes-3-d-psgd', 100)(seed) -
          over(curves, 'classes-5-mce-pl', 'classes-5-d-psgd', 100)(seed),
      ),
  },
  {
    ...sparsity,
    says: 'structured sparsity: with some λ of 0.001, 0.01 and 0.1 masks leave out at least a tenth of the hidden units',
    expected: 'at most 230 of 256 units remain, on average',
    check(curves) {
      const remaining = ['0', '0.001', '0.01', '0.1'].map((lambda) => {
        const variant = `lambda-${lambda}`;
        const metric = 'units-remaining:dense1';
        const units = mean(curves.seeds.map((seed) => curves.at(variant, seed, metric)));
        const accuracy = mean(curves.seeds.map((seed) => curves.at(variant, seed, 'accuracy-mean')));
        return { units, text: `λ = ${lambda}: ${units.toFixed(0)} units, ${(100 * accuracy).toFixed(1)} %` };
      });
      return {
        holds: remaining.slice(1).some(({ units }) => units <= 230),
        figure: remaining.map(({ text }) => text).join('; '),
      };
    },
  },
  {
    ...sparsity,
    says: 'more neighbours help more: a complete graph against a ring',
    expected: 'interval above 0 pp',
    check: (curves) => beyondChance(curves, 0, over(curves, 'complete', 'ring', 100)),
  },
  {
    ...codecs,
    byConstruction: true,
    says: 'entropy coding comes close to d·H₂(r)/8 bytes per mask',
    expected: 'at most 1 % and 16 bytes above it',
    check(curves) {
      const got = bytesOf(curves, 'entropy-mask');
      const figure = `${bytes(got)} against ${bytes(ENTROPY)} (packed: ${bytes(bytesOf(curves, 'packed-mask'))})`;
      return { holds: got <= 1.01 * ENTROPY + 16, figure };
    },
  },
  {
    ...codecs,
    says: 'differences from the last mask cost far less, since masks change less and less',
    expected: 'at most half of the entropy-coded masks',
    check(curves) {
      const got = bytesOf(curves, 'difference-mask');
      return { holds: got <= bytesOf(curves, 'entropy-mask') / 2, figure: bytes(got) };
    },
  },
  {
    ...codecs,
    byConstruction: true,
    says: 'choosing the smallest encoding for each mask costs at most as much as the best codec and one byte',
    expected: 'at most',
    check(curves) {
      const got = bytesOf(curves, 'smallest-of');
      const best = Math.min(
        ...['packed-mask', 'entropy-mask', 'difference-mask'].map((codec) => bytesOf(curves, codec)),
      );
      return { holds: got <= best + 1, figure: `${bytes(got)} against ${bytes(best)}` };
    },
  },
  {
    ...codecs,
    byConstruction: true,
    says: 'no codec changes what is learned',
    expected: 'equal accuracies at every measurement',
    check(curves) {
      const seed = curves.seeds[0]!;
      const all = curves.variants.map((codec) => curves.series(codec, seed, 'accuracy-mean').join());
      return {
        holds: new Set(all).size === 1,
        figure: `${new Set(all).size} curve for ${all.length} codecs`,
      };
    },
  },
];
