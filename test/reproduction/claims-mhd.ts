/** MHD: knowledge of other nodes moves up the chain of heads; the main head keeps that of its own node. */
import { beyondChance, type Claim, everySeed, mean, onAverage, spread, type Verdict } from './claim.js';
import type { Curves } from './curves.js';

const small = { method: 'mhd', scenario: 'mhd-small' };
const iid = { method: 'mhd', scenario: 'mhd-iid-small' };
const architectures = { method: 'mhd', scenario: 'mhd-architectures-small' };
const variants = { method: 'mhd', scenario: 'mhd-variants-small' };
const topology = { method: 'mhd', scenario: 'mhd-topology-small' };
const eight = { method: 'mhd', scenario: 'mhd-eight' };

/** Head 0 is the main one. */
type Skill = 'accuracy' | 'global-accuracy';
const of = (curves: Curves, variant: string, seed: number, skill: Skill, head: number): number =>
  curves.at(variant, seed, head === 0 ? `${skill}-mean` : `${skill}:aux ${head}-mean`);
const shared = (curves: Curves, variant: string, seed: number, head: number) =>
  of(curves, variant, seed, 'global-accuracy', head);
const own = (curves: Curves, variant: string, seed: number, head: number) =>
  of(curves, variant, seed, 'accuracy', head);

export const claims: readonly Claim[] = [
  ...[
    { variant: 'mhd', by: 'models travel' },
    { variant: 'predictions', by: 'predictions travel' },
  ].flatMap(({ variant, by }): Claim[] => [
    {
      ...small,
      says: `${by}: shared accuracy rises along the chain: main < aux 1 < aux 2 < aux 3`,
      expected: 'strictly, in every seed',
      check: (curves) => risingChain(curves, variant, 3),
    },
    {
      ...small,
      says: `${by}: the last head has far more of the knowledge of other nodes than a node alone`,
      expected: '≥ +30 pp shared accuracy, in every seed',
      check: (curves) =>
        everySeed(
          curves,
          0.3,
          (seed) => shared(curves, variant, seed, 3) - shared(curves, 'isolated', seed, 0),
        ),
    },
    {
      ...small,
      says: `${by}: the main head keeps what the node knows itself`,
      expected: '≥ −1 pp private accuracy against a node alone, in every seed',
      check: (curves) =>
        everySeed(curves, -0.01, (seed) => own(curves, variant, seed, 0) - own(curves, 'isolated', seed, 0)),
    },
    {
      ...small,
      says: `${by}: the last head gives up a part of what the node knows itself`,
      expected: 'interval of private accuracy of main over aux 3 above 0 pp',
      check: (curves) =>
        beyondChance(curves, 0, (seed) => own(curves, variant, seed, 0) - own(curves, variant, seed, 3)),
    },
  ]),
  {
    ...small,
    says: 'ablation: a random target instead of the most confident one loses shared accuracy (aux 3)',
    expected: 'interval of the loss above 0 pp',
    check: (curves) =>
      beyondChance(
        curves,
        0,
        (seed) => shared(curves, 'mhd', seed, 3) - shared(curves, 'random-target', seed, 3),
      ),
  },
  {
    ...small,
    says: "ablation: without the node's own prediction among the targets shared accuracy is lost too (aux 3)",
    expected: 'interval of the loss above 0 pp',
    check: (curves) =>
      beyondChance(
        curves,
        0,
        (seed) => shared(curves, 'mhd', seed, 3) - shared(curves, 'without-self', seed, 3),
      ),
  },
  {
    ...small,
    says: 'ablation: the embedding loss matters little at this size (aux 3)',
    expected: 'within 1.5 pp, on average',
    check: (curves) =>
      onAverage(
        curves,
        [-0.015, 0.015],
        (seed) => shared(curves, 'no-embedding', seed, 3) - shared(curves, 'mhd', seed, 3),
      ),
  },
  {
    ...small,
    says: 'ablation: a node that learns from all teachers at once needs no chain (aux 1)',
    expected: '≥ 78 % shared accuracy of aux 1, on average',
    check(curves) {
      const all = curves.seeds.map((seed) => shared(curves, 'three-teachers', seed, 1));
      return { holds: mean(all) >= 0.78, figure: spread(all, (value) => `${(100 * value).toFixed(1)} %`) };
    },
  },
  {
    ...variants,
    says: 'when every node starts from params of its own, knowledge travels too: the last head against a node alone',
    expected: '≥ +30 pp shared accuracy, in every seed',
    check: (curves) =>
      everySeed(
        curves,
        0.3,
        (seed) => shared(curves, 'own-init', seed, 3) - shared(curves, 'own-init-isolated', seed, 0),
      ),
  },
  {
    ...variants,
    says: 'a common start makes the main head better: against nodes that start from their own',
    expected: 'interval of shared accuracy above 0 pp',
    check: (curves) =>
      beyondChance(
        curves,
        0,
        (seed) => shared(curves, 'predictions', seed, 0) - shared(curves, 'own-init', seed, 0),
      ),
  },
  {
    ...variants,
    says: 'the more alike nodes are, the less there is to learn from others (skew 100, 10, 0): last head over main head',
    expected: 'interval of each step above 0 pp',
    check: (curves) =>
      falling(
        curves,
        ['predictions', 'skew-10', 'skew-0'],
        (variant, seed) => shared(curves, variant, seed, 3) - shared(curves, variant, seed, 0),
      ),
  },
  ...[
    {
      says: 'with more heads the last one knows more (4, 3, 2, 1)',
      names: ['heads-4', 'predictions', 'heads-2', 'heads-1'],
    },
    {
      says: 'with more public samples the last head knows more (1,000, 300, 100)',
      names: ['predictions', 'public-300', 'public-100'],
    },
    {
      says: 'the more often predictions travel, the more the last head knows (every step, every 5, every 50)',
      names: ['predictions', 'refresh-5', 'refresh-50'],
    },
  ].map(
    ({ says, names }): Claim => ({
      ...variants,
      says,
      expected: 'interval of each step above 0 pp',
      check: (curves) =>
        falling(curves, names, (variant, seed) => shared(curves, variant, seed, headsOf(variant))),
    }),
  ),
  {
    ...variants,
    says: 'the last head comes within 15 pp of the shared accuracy of FedAvg, which sends models and needs a server',
    expected: '≥ −15 pp in every seed',
    check: (curves) =>
      everySeed(
        curves,
        -0.15,
        (seed) =>
          shared(curves, 'predictions', seed, 3) -
          curves.at('fedavg', seed, curves.metricAt('fedavg', 'global-accuracy-mean', 'mixed')!),
      ),
  },
  {
    ...iid,
    says: 'control: nodes that are alike have equally good heads',
    expected: 'all heads within 1.5 pp, in every seed',
    check(curves) {
      const gaps = curves.seeds.map((seed) => {
        const all = [0, 1, 2, 3].map((head) => shared(curves, 'run', seed, head));
        return Math.max(...all) - Math.min(...all);
      });
      return { holds: gaps.every((gap) => gap <= 0.015), figure: spread(gaps) };
    },
  },
  {
    ...topology,
    says: 'in a cycle knowledge travels along the chain',
    expected: 'aux 4 ≥ aux 1 + 12 pp, in every seed',
    check: (curves) =>
      everySeed(
        curves,
        0.12,
        (seed) => shared(curves, 'directed-ring', seed, 4) - shared(curves, 'directed-ring', seed, 1),
      ),
  },
  {
    ...topology,
    says: 'on islands of two nodes there is nothing further to learn',
    expected: 'aux 4 ≤ aux 1 + 2 pp, in every seed',
    check(curves) {
      const gains = curves.seeds.map(
        (seed) => shared(curves, 'islands', seed, 4) - shared(curves, 'islands', seed, 1),
      );
      return { holds: gains.every((gain) => gain <= 0.02), figure: spread(gains) };
    },
  },
  {
    ...topology,
    says: 'the last head knows more in a complete graph than in a cycle, and in a cycle than on islands',
    expected: 'interval of each step above 0 pp',
    check: (curves) =>
      falling(curves, ['complete', 'directed-ring', 'islands'], (variant, seed) =>
        shared(curves, variant, seed, 4),
      ),
  },
  {
    ...eight,
    says: 'shared accuracy rises along the chain: main < aux 1 < aux 2 < aux 3 < aux 4',
    expected: 'strictly, in every seed',
    check: (curves) => risingChain(curves, 'mhd', 4),
  },
  {
    ...eight,
    says: 'the last head has far more of the knowledge of other nodes than a node alone',
    expected: '≥ +20 pp shared accuracy, in every seed',
    check: (curves) =>
      everySeed(curves, 0.2, (seed) => shared(curves, 'mhd', seed, 4) - shared(curves, 'isolated', seed, 0)),
  },
  {
    ...eight,
    says: 'the main head keeps what the node knows itself',
    expected: '≥ −1 pp private accuracy against a node alone, in every seed',
    check: (curves) =>
      everySeed(curves, -0.01, (seed) => own(curves, 'mhd', seed, 0) - own(curves, 'isolated', seed, 0)),
  },
  {
    ...eight,
    says: 'in a cycle knowledge travels along the chain',
    expected: 'aux 4 ≥ aux 1 + 5 pp, in every seed',
    check: (curves) =>
      everySeed(curves, 0.05, (seed) => shared(curves, 'cycle', seed, 4) - shared(curves, 'cycle', seed, 1)),
  },
  {
    ...eight,
    says: 'the last head knows more in a complete graph than in a cycle, and in a cycle than on islands',
    expected: 'interval of each step above 0 pp',
    check: (curves) =>
      falling(curves, ['mhd', 'cycle', 'islands'], (variant, seed) => shared(curves, variant, seed, 4)),
  },
  ...[
    { kind: 'multilayer perceptrons', nodes: [0, 2] },
    { kind: 'convolutional networks', nodes: [1, 3] },
  ].map(({ kind, nodes }): Claim => {
    const known = (curves: Curves, variant: string, seed: number, metric: string) =>
      mean(nodes.map((node) => curves.at(variant, seed, metric, { node })));
    return {
      ...architectures,
      says: `${kind} learn from the other architecture too: the last head against a node alone`,
      expected: '≥ +20 pp shared accuracy, in every seed',
      check: (curves) =>
        everySeed(
          curves,
          0.2,
          (seed) =>
            known(curves, 'mhd', seed, 'global-accuracy:aux 3') -
            known(curves, 'isolated', seed, 'global-accuracy'),
        ),
    };
  }),
];

/** Whether shared accuracy rises from each head to the next, in every seed. */
function risingChain(curves: Curves, variant: string, heads: number): Verdict {
  const steps = Array.from({ length: heads }, (_, k) =>
    curves.seeds.map((seed) => shared(curves, variant, seed, k + 1) - shared(curves, variant, seed, k)),
  );
  return {
    holds: steps.flat().every((step) => step > 0),
    figure: `steps of ${steps.map((step) => spread(step)).join('; ')}`,
  };
}

/** Number of auxiliary heads of a variant of mhd-variants-small, which is that of its last head. */
function headsOf(variant: string): number {
  return Number(/^heads-(\d)$/.exec(variant)?.[1] ?? 3);
}

/** Whether values fall from one variant to the next, beyond chance: the paired differences' intervals are above 0. */
function falling(
  curves: Curves,
  names: readonly string[],
  value: (variant: string, seed: number) => number,
): Verdict {
  const steps = names
    .slice(1)
    .map((name, k) => beyondChance(curves, 0, (seed) => value(names[k]!, seed) - value(name, seed)));
  const means = names.map((variant) => mean(curves.seeds.map((seed) => value(variant, seed))));
  const texts = means.map((one) => `${(100 * one).toFixed(1)} %`);
  return {
    holds: steps.every(({ holds }) => holds),
    figure: `${texts.join(', ')}: steps of ${steps.map(({ figure }) => figure).join('; ')}`,
  };
}
