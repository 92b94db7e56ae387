/** What can be learned from the benchmark: each sentence is checked on the committed results. */
import type { PairedDifference } from '../../src/report/statistics.js';
import type { WorldResults } from './results.js';
import { differenceText, markdown } from './tables.js';
import type { World } from './worlds.js';

/** Whether a sentence holds, and the figures behind it. */
interface Verdict {
  readonly holds: boolean;
  readonly figure: string;
}

interface Conclusion {
  /** The names of the worlds that it is about; it is checked in each. */
  readonly worlds: readonly string[];
  readonly says: string;
  /**
   * `before`: expected before there were any results; it may fail. `former`: read off results of the former set-up; it may fail in
   * others. Default: read off the results as they are; it holds.
   */
  readonly set?: 'before' | 'former';
  /** Whether it stands in the short list of what can be learned. */
  readonly short?: boolean;
  check(results: WorldResults): Verdict;
}

/** The first method is above the second by more than `least` points: the whole 95 % interval of the paired difference. */
const above =
  (first: string, second: string, least = 0) =>
  (results: WorldResults): Verdict =>
    verdict(results, [first, second], ({ mean, margin }) => mean - margin > least);

/** The first method is at most `most` points above the second: the whole interval. */
const atMost =
  (first: string, second: string, most: number) =>
  (results: WorldResults): Verdict =>
    verdict(results, [first, second], ({ mean, margin }) => mean + margin < most);

/** Every other method is below this one: the whole intervals. The figure is that of the one that comes nearest. */
const aboveAll =
  (method: string) =>
  (results: WorldResults): Verdict =>
    nearest(results, method, ({ mean, margin }) => mean + margin < 0);

/** No other method is more than `most` points above this one: the whole intervals. The figure is that of the one that comes nearest. */
const noneAbove =
  (method: string, most: number) =>
  (results: WorldResults): Verdict =>
    nearest(results, method, ({ mean, margin }) => mean + margin < most);

/** Of the other method whose interval reaches highest above this one. */
function nearest(results: WorldResults, method: string, holds: Holds): Verdict {
  const reach = (other: string) => {
    const { mean, margin } = results.difference(other, method);
    return mean + margin;
  };
  const others = results.variants.filter((other) => other !== method);
  const highest = others.reduce((best, other) => (reach(other) > reach(best) ? other : best));
  const found = verdict(results, [highest, method], holds);
  return { ...found, figure: `${highest}: ${found.figure}` };
}

/** The first method sends at most a `times`th of what the second one sends. */
const cheaper = (first: string, second: string, times: number) => (results: WorldResults) => {
  const [one, other] = [first, second].map((variant) => results.mean(variant, 'sent_bytes')) as [
    number,
    number,
  ];
  return { holds: one * times <= other, figure: `${(other / one).toFixed(1)} times fewer bytes` };
};

/** Both hold. */
const both =
  (one: Conclusion['check'], other: Conclusion['check']) =>
  (results: WorldResults): Verdict => {
    const verdicts = [one(results), other(results)];
    return {
      holds: verdicts.every(({ holds }) => holds),
      figure: verdicts.map(({ figure }) => figure).join(', '),
    };
  };

type Holds = (difference: PairedDifference) => boolean;

/** Of two methods, or `variant@point`. The figure names the points at which they are measured where these differ. */
function verdict(results: WorldResults, pair: readonly [string, string], holds: Holds): Verdict {
  const difference = results.difference(...pair);
  const [first, second] = pair.map((name) => name.split('@')[1] ?? results.pointOf(name));
  const points = first === second ? '' : `, ${first} against ${second}`;
  return { holds: holds(difference), figure: `${differenceText(difference)} pp${points}` };
}

const WHOM = ['whom-digits', 'whom-clothes'];
const SHARE = ['share-strong-skew', 'share-mild-skew'];
const SEND = ['send-alike', 'send-skewed'];

/** Those that were expected stand as they were before the first run of their world; those that were read off follow. */
const conclusions: readonly Conclusion[] = [
  {
    worlds: WHOM,
    says: 'The oracle, who knows the groups, gains more than five points over training alone',
    set: 'before',
    short: true,
    check: above('oracle', 'local-only', 5),
  },
  {
    worlds: WHOM,
    says: 'L2C, which learns whom to mix with, is above training alone',
    set: 'before',
    check: above('l2c', 'local-only'),
  },
  {
    worlds: WHOM,
    says: 'L2C does not reach the oracle',
    set: 'before',
    check: above('oracle', 'l2c'),
  },
  {
    worlds: [...WHOM, 'nothing'],
    says: 'The average of strangers, fine-tuned, is at most two points above training alone',
    set: 'before',
    check: atMost('fedavg-fine-tuned', 'local-only', 2),
  },
  {
    worlds: WHOM,
    says: 'IFCA, which assigns clients to several models, is above FedAvg',
    set: 'before',
    short: true,
    check: above('ifca', 'fedavg'),
  },
  {
    worlds: SHARE,
    says: 'Personal heads on a shared body (FedPer) are above training alone',
    set: 'before',
    check: above('fedper', 'local-only'),
  },
  {
    worlds: SHARE,
    says: 'FedAvg, fine-tuned, is above training alone',
    set: 'before',
    short: true,
    check: above('fedavg-fine-tuned', 'local-only'),
  },
  {
    worlds: SEND,
    says: 'D-PSGD is more than five points above training alone',
    set: 'before',
    check: above('d-psgd', 'local-only', 5),
  },
  {
    worlds: SEND,
    says: 'Half precision costs less than half a point',
    set: 'before',
    check: atMost('d-psgd', 'd-psgd-float16', 0.5),
  },
  ...['l2c', 'ifca', 'd-psgd', 'fedavg-fine-tuned'].map(
    (method): Conclusion => ({
      worlds: ['nothing'],
      says: `Where nothing helps, ${method} is at most half a point above training alone`,
      set: 'before',
      check: atMost(method, 'local-only', 0.5),
    }),
  ),
  ...['d-psgd', 'fedavg', 'scaffold', 'gradient-tracking'].map(
    (method): Conclusion => ({
      worlds: ['everything'],
      says: `Where everything helps, ${method} is more than ten points above training alone`,
      set: 'before',
      check: above(method, 'local-only', 10),
    }),
  ),
  {
    worlds: ['nothing'],
    says: 'Training alone is above every other method (the figure is that of the one that comes nearest)',
    set: 'former',
    short: true,
    check: aboveAll('local-only'),
  },
  {
    worlds: ['nothing'],
    says: 'A common body with personal heads (FedPer) costs more than four points where strangers see other pixels',
    set: 'former',
    check: above('local-only', 'fedper', 4),
  },
  {
    worlds: ['nothing'],
    says: 'L2C, which may leave neighbours out, loses two points less than D-PSGD, which mixes with all of them',
    set: 'former',
    check: above('l2c', 'd-psgd', 2),
  },
  {
    worlds: ['nothing'],
    says: 'L2C, which holds a fifth of the rows out to judge by, is more than four points below training alone',
    set: 'former',
    check: above('local-only', 'l2c', 4),
  },
  {
    worlds: ['nothing'],
    says: 'One model for all costs more than ten points where each node has trained it for two passes alone',
    set: 'former',
    check: above('local-only', 'fedavg@adapted', 10),
  },
  {
    worlds: ['share-strong-skew'],
    says: 'No method is more than two points above training alone (the figure is that of the one that comes nearest)',
    set: 'former',
    short: true,
    check: noneAbove('local-only', 2),
  },
  ...['scaffold', 'gradient-tracking'].map(
    (method): Conclusion => ({
      worlds: ['share-strong-skew'],
      says: `What is made for one common model (${method}) is more than ten points below training alone`,
      set: 'former',
      check: above('local-only', method, 10),
    }),
  ),
  {
    worlds: ['share-mild-skew'],
    says: 'FedLALR, whose clients scale their steps, is above all others (the figure is that of the one that comes nearest)',
    short: true,
    check: aboveAll('fedlalr'),
  },
  {
    worlds: SHARE,
    says: 'Personal heads give more with a body that a server averages (FedPer) than with one that four neighbours average (DePRL)',
    short: true,
    check: above('fedper', 'deprl'),
  },
  {
    worlds: WHOM,
    says: 'A common body with personal heads (FedPer) is more than ten points above training alone, though the names of strangers contradict',
    set: 'former',
    check: above('fedper', 'local-only', 10),
  },
  {
    worlds: WHOM,
    says: 'A common body with personal heads gains two points more than L2C, which seeks the own group',
    set: 'former',
    check: above('fedper', 'l2c', 2),
  },
  {
    worlds: WHOM,
    says: 'One model for all (FedAvg) is more than five points above training alone once each node has trained it further',
    set: 'former',
    check: above('fedavg@adapted', 'local-only', 5),
  },
  {
    worlds: WHOM,
    says: 'FedAvg’s common model is more than forty points below the same model after two passes on each node',
    set: 'former',
    check: above('fedavg@adapted', 'fedavg@mixed', 40),
  },
  {
    worlds: WHOM,
    says: 'Multi-center, with as many centres as there are groups, is at most two points below the oracle',
    set: 'former',
    check: atMost('oracle', 'multi-center', 2),
  },
  {
    worlds: WHOM,
    says: 'Meta-L2C, with an encoder that all train, is more than three points above L2C',
    set: 'former',
    check: above('meta-l2c', 'l2c', 3),
  },
  {
    worlds: WHOM,
    says: 'DPFL, which chooses whom to mix with on held-out rows, is more than two points above L2C, which learns weights on them',
    set: 'former',
    check: above('dpfl', 'l2c', 2),
  },
  {
    worlds: WHOM,
    says: 'The body learns more over a server than by gossip with four neighbours: FedRep is above DePRL',
    set: 'former',
    check: above('fedrep', 'deprl'),
  },
  {
    worlds: WHOM,
    says: 'D-PSGD, whose nodes train for two passes between averages, is more than two points above training alone once they have trained',
    set: 'former',
    check: above('d-psgd', 'local-only', 2),
  },
  {
    worlds: WHOM,
    says: 'Averaged after every step, nodes agree on a model that suits none: it is more than ten points below what two passes make of D-PSGD’s',
    set: 'former',
    check: above('d-psgd', 'd-psgd-every-step', 10),
  },
  {
    worlds: [...WHOM, 'nothing'],
    says: 'Control variates make no better common model than plain averages: SCAFFOLD’s is at most half a point above FedAvg’s',
    set: 'former',
    check: atMost('scaffold@mixed', 'fedavg@mixed', 0.5),
  },
  {
    worlds: WHOM,
    says: 'Masks over fixed weights (MCE-PL) stay more than a point below training alone',
    set: 'former',
    check: above('local-only', 'mce-pl', 1),
  },
  ...['l2c', 'transference', 'fedper'].map(
    (method): Conclusion => ({
      worlds: WHOM,
      says: `Meta-L2C, with an encoder that all train, is above ${method}`,
      short: method === 'fedper',
      check: above('meta-l2c', method),
    }),
  ),
  {
    worlds: WHOM,
    says: 'DPFL is above L2C',
    check: above('dpfl', 'l2c'),
  },
  {
    worlds: WHOM,
    says: 'L2C is more than three points above training alone with as few rows as it keeps to train on',
    check: above('l2c', 'local-only-fewer-rows', 3),
  },
  {
    worlds: WHOM,
    says: 'FedAvg for half of the passes, then training alone, is above D-PSGD with four strangers all along',
    short: true,
    check: above('fedavg-fine-tuned', 'd-psgd'),
  },
  ...['d-psgd', 'fedavg'].map(
    (method): Conclusion => ({
      worlds: ['whom-clothes'],
      says: `With clothes, the average of strangers costs more than it gives: ${method} is more than three points below training alone`,
      short: method === 'fedavg',
      check: above('local-only', method, 3),
    }),
  ),
  {
    worlds: ['everything'],
    says: 'An average over all nodes (FedAvg) is worth more than eight points against one with four neighbours (D-PSGD)',
    set: 'former',
    short: true,
    check: above('fedavg', 'd-psgd', 8),
  },
  {
    worlds: ['everything'],
    says: 'Mixing after every step is worth more than ten points against two passes between mixings',
    set: 'former',
    check: above('d-psgd-every-step', 'd-psgd', 10),
  },
  {
    worlds: ['everything'],
    says: 'Quasi-global momentum is more than a point above plain steps that are mixed as often',
    set: 'former',
    check: above('qg-dsgdm', 'd-psgd-every-step', 1),
  },
  {
    worlds: ['everything'],
    says: 'Tracked gradients are above plain steps that are mixed as often',
    set: 'former',
    short: true,
    check: above('gradient-tracking', 'd-psgd-every-step'),
  },
  {
    worlds: ['everything'],
    says: 'Control variates are above FedAvg (SCAFFOLD sends twice the bytes)',
    set: 'former',
    check: above('scaffold', 'fedavg'),
  },
  {
    worlds: ['everything'],
    says: 'A personal head learns nothing of classes that its node has not: FedPer is at most half a point above training alone',
    set: 'former',
    check: atMost('fedper', 'local-only', 0.5),
  },
  {
    worlds: ['everything'],
    says: 'L2C takes who has other classes for strangers: it is more than forty points below D-PSGD',
    set: 'former',
    check: above('d-psgd', 'l2c', 40),
  },
  ...['gradient-tracking', 'scaffold'].map(
    (method): Conclusion => ({
      worlds: ['everything'],
      says: `What fails where personal models are wanted (${method} in the world of digits) is more than ten points above D-PSGD where a common one is`,
      set: 'former',
      check: above(method, 'd-psgd', 10),
    }),
  ),
  ...['d-psgd', 'fedavg'].map(
    (method): Conclusion => ({
      worlds: SEND,
      says: `Quantized differences (QSGD) cost ${method} less than half a point, with less than a fifth of the bytes`,
      short: method === 'd-psgd',
      check: both(atMost(method, `${method}-qsgd`, 0.5), cheaper(`${method}-qsgd`, method, 5)),
    }),
  ),
  {
    worlds: SEND,
    says: 'With entropy coding they cost d-psgd less than a point, with less than a seventh of the bytes',
    check: both(atMost('d-psgd', 'd-psgd-entropy', 1), cheaper('d-psgd-entropy', 'd-psgd', 7)),
  },
  {
    worlds: SEND,
    says: 'A tenth of the coordinates costs D-PSGD more than eight points if they are the largest ones',
    check: above('d-psgd', 'd-psgd-top-k', 8),
  },
  {
    worlds: SEND,
    says: 'A tenth of the coordinates costs D-PSGD more than eighteen points if they are drawn at random',
    check: above('d-psgd', 'd-psgd-random-k', 18),
  },
  {
    worlds: SEND,
    says: 'A server (FedAvg) is above four neighbours (D-PSGD), with half of the bytes',
    short: true,
    check: both(above('fedavg', 'd-psgd', 2), cheaper('fedavg', 'd-psgd', 2)),
  },
  {
    worlds: SEND,
    says: 'An exponential graph comes within three points of a complete one, with a third of the bytes',
    check: both(
      atMost('d-psgd-complete', 'd-psgd-exponential', 3),
      cheaper('d-psgd-exponential', 'd-psgd-complete', 3),
    ),
  },
  {
    worlds: SEND,
    says: 'One neighbour in turn is more than two points above a ring, with half of the bytes',
    check: both(above('d-psgd-one-peer', 'd-psgd-ring', 2), cheaper('d-psgd-one-peer', 'd-psgd-ring', 1.9)),
  },
  {
    worlds: SEND,
    says: 'Quantized differences are more than four points above rounds that are four times as long, with fewer bytes',
    check: both(
      above('d-psgd-qsgd', 'd-psgd-every-8-epochs', 4),
      cheaper('d-psgd-qsgd', 'd-psgd-every-8-epochs', 1),
    ),
  },
  {
    worlds: SEND,
    says: 'QG-DSGDm, which mixes after every step, is less than four points above FedAvg with quantized differences, with seventy times the bytes',
    short: true,
    check: both(atMost('qg-dsgdm', 'fedavg-qsgd', 4), cheaper('fedavg-qsgd', 'qg-dsgdm', 70)),
  },
  ...['fedper', 'fedrep', 'deprl'].map(
    (method): Conclusion => ({
      worlds: SEND,
      says: `Where all are tested on all classes, a personal head (${method}) costs more than ten points against D-PSGD`,
      short: method === 'fedper',
      check: above('d-psgd', method, 10),
    }),
  ),
];

/** The conclusions of a world with their figures, as Markdown. */
export function conclusionsTable(world: World): string[] {
  const rows = conclusionsOf(world).map(({ says, set, check }) => {
    const { holds, figure } = check(world.results);
    return [says, SET[set], figure, holds ? 'holds' : '**does not hold**'];
  });
  return markdown(['what', 'set', 'difference, seed by seed', ''], rows);
}

/** The sentences that matter most, with their figures in each world, as Markdown. */
export function shortTable(worlds: readonly World[]): string[] {
  const place = ({ worlds: names }: Conclusion) => worlds.findIndex(({ name }) => names.includes(name));
  const rows = conclusions
    .filter((one) => one.short && place(one) >= 0)
    .sort((a, b) => place(a) - place(b))
    .map(({ worlds: names, says, check }) => {
      const verdicts = worlds
        .filter(({ name }) => names.includes(name))
        .map(({ title, results }) => ({ title, ...check(results) }));
      const figures = verdicts.map(({ title, figure }) => `${title}: ${figure}`);
      const isEverywhere = verdicts.every(({ holds }) => holds);
      return [says, figures.join('; '), isEverywhere ? 'holds' : '**does not hold in all**'];
    });
  return markdown(['what', 'where: difference, seed by seed', ''], rows);
}

/** Where a sentence comes from, as a document says it. */
const SET = { before: 'before the runs', former: 'from the former runs', results: 'from the results' };

function conclusionsOf({ name }: World) {
  return conclusions
    .filter(({ worlds }) => worlds.includes(name))
    .map((one): { says: string; set: keyof typeof SET; check: Conclusion['check'] } => ({
      says: one.says,
      set: one.set ?? 'results',
      check: one.check,
    }));
}

/** Sentences that were read off results and do not hold on them any more. */
export function falseConclusions(worlds: readonly World[]): string[] {
  return worlds.flatMap((world) =>
    conclusionsOf(world).flatMap(({ says, set, check }) => {
      if (set !== 'results') return [];
      const { holds, figure } = check(world.results);
      return holds ? [] : [`${world.name}: "${says}" does not hold: ${figure}`];
    }),
  );
}
