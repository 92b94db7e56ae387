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
  /** Expected before the results were there, and may fail; others are read off the results, and hold. */
  readonly expected?: true;
  check(results: WorldResults): Verdict;
}

/** The first method is above the second by more than `least` points: the whole 95 % interval of the paired difference. */
const above =
  (first: string, second: string, least = 0) =>
  (results: WorldResults): Verdict =>
    verdict(results.difference(first, second), ({ mean, margin }) => mean - margin > least);

/** The first method is at most `most` points above the second: the whole interval. */
const atMost =
  (first: string, second: string, most: number) =>
  (results: WorldResults): Verdict =>
    verdict(results.difference(first, second), ({ mean, margin }) => mean + margin < most);

function verdict(difference: PairedDifference, holds: (difference: PairedDifference) => boolean): Verdict {
  return { holds: holds(difference), figure: `${differenceText(difference)} pp` };
}

const WHOM = ['whom-digits', 'whom-clothes'];
const SHARE = ['share-strong-skew', 'share-mild-skew'];
const SEND = ['send-alike', 'send-skewed'];

/** Those that were expected stand as they were before the first run of their world; the others follow. */
const conclusions: readonly Conclusion[] = [
  {
    worlds: WHOM,
    says: 'Who knows the groups gains more than five points over training alone',
    expected: true,
    check: above('oracle', 'local-only', 5),
  },
  {
    worlds: WHOM,
    says: 'L2C, which learns whom to mix with, is above training alone',
    expected: true,
    check: above('l2c', 'local-only'),
  },
  {
    worlds: WHOM,
    says: 'L2C does not reach who knows the groups',
    expected: true,
    check: above('oracle', 'l2c'),
  },
  {
    worlds: [...WHOM, 'nothing'],
    says: 'The average of strangers, fine-tuned, is at most two points above training alone',
    expected: true,
    check: atMost('fedavg-fine-tuned', 'local-only', 2),
  },
  {
    worlds: WHOM,
    says: 'IFCA, which assigns clients to several models, is above FedAvg',
    expected: true,
    check: above('ifca', 'fedavg'),
  },
  {
    worlds: SHARE,
    says: 'Personal heads on a shared body (FedPer) are above training alone',
    expected: true,
    check: above('fedper', 'local-only'),
  },
  {
    worlds: SHARE,
    says: 'FedAvg, fine-tuned, is above training alone',
    expected: true,
    check: above('fedavg-fine-tuned', 'local-only'),
  },
  {
    worlds: SEND,
    says: 'D-PSGD is more than five points above training alone',
    expected: true,
    check: above('d-psgd', 'local-only', 5),
  },
  {
    worlds: SEND,
    says: 'Half precision costs less than half a point',
    expected: true,
    check: atMost('d-psgd', 'd-psgd-float16', 0.5),
  },
  ...['l2c', 'ifca', 'd-psgd', 'fedavg-fine-tuned'].map(
    (method): Conclusion => ({
      worlds: ['nothing'],
      says: `Where nothing helps, ${method} is at most half a point above training alone`,
      expected: true,
      check: atMost(method, 'local-only', 0.5),
    }),
  ),
  ...['d-psgd', 'fedavg', 'scaffold', 'gradient-tracking'].map(
    (method): Conclusion => ({
      worlds: ['everything'],
      says: `Where everything helps, ${method} is more than ten points above training alone`,
      expected: true,
      check: above(method, 'local-only', 10),
    }),
  ),
  {
    worlds: ['whom-digits'],
    says: 'A common body with personal heads (FedPer) is more than ten points above training alone, though the names of strangers contradict',
    check: above('fedper', 'local-only', 10),
  },
  {
    worlds: ['whom-digits'],
    says: 'A common body with personal heads gains more than L2C, which seeks the own group',
    check: above('fedper', 'l2c', 2),
  },
  {
    worlds: ['whom-digits'],
    says: 'One model for all (FedAvg) is more than five points above training alone once each node has trained it further',
    check: above('fedavg@adapted', 'local-only', 5),
  },
  {
    worlds: ['whom-digits'],
    says: 'Before that it is more than forty points worse',
    check: above('fedavg@adapted', 'fedavg@mixed', 40),
  },
  {
    worlds: ['whom-digits'],
    says: 'Multi-center, started with as many centres as there are groups, is at most two points below who knows the groups',
    check: atMost('oracle', 'multi-center', 2),
  },
  {
    worlds: ['whom-digits'],
    says: 'Meta-L2C, with an encoder that all train, is more than three points above L2C',
    check: above('meta-l2c', 'l2c', 3),
  },
  {
    worlds: ['whom-digits'],
    says: 'DPFL, which chooses whom to mix with on held-out rows, is above L2C, which learns weights on them',
    check: above('dpfl', 'l2c', 2),
  },
  {
    worlds: ['whom-digits'],
    says: 'The body learns more over a server than by gossip with four neighbours: FedRep is above DePRL',
    check: above('fedrep', 'deprl'),
  },
  {
    worlds: ['whom-digits'],
    says: 'Mixing with random nodes after every step loses more than fifteen points against training alone',
    check: above('local-only', 'd-psgd-every-step', 15),
  },
  {
    worlds: ['whom-digits'],
    says: 'The same with two passes between mixings is above training alone',
    check: above('d-psgd', 'local-only', 2),
  },
  ...['scaffold', 'gradient-tracking'].map(
    (method): Conclusion => ({
      worlds: ['whom-digits'],
      says: `What corrects the drift towards the own data (${method}) loses more than twenty points against training alone: the drift is what nodes want here`,
      check: above('local-only', method, 20),
    }),
  ),
  {
    worlds: ['whom-digits'],
    says: 'Masks over fixed weights (MCE-PL) stay below training alone',
    check: above('local-only', 'mce-pl', 1),
  },
  {
    worlds: ['everything'],
    says: 'An average over all nodes (FedAvg) is worth more than eight points against one with four neighbours (D-PSGD)',
    check: above('fedavg', 'd-psgd', 8),
  },
  {
    worlds: ['everything'],
    says: 'Mixing after every step is worth more than ten points against two passes between mixings',
    check: above('d-psgd-every-step', 'd-psgd', 10),
  },
  {
    worlds: ['everything'],
    says: 'Quasi-global momentum is above plain steps that are mixed as often',
    check: above('qg-dsgdm', 'd-psgd-every-step', 1),
  },
  {
    worlds: ['everything'],
    says: 'Tracked gradients are above plain steps that are mixed as often',
    check: above('gradient-tracking', 'd-psgd-every-step'),
  },
  {
    worlds: ['everything'],
    says: 'Control variates are above FedAvg (SCAFFOLD sends twice the bytes)',
    check: above('scaffold', 'fedavg'),
  },
  {
    worlds: ['everything'],
    says: 'A personal head learns nothing of classes that its node has not: FedPer is at most half a point above training alone',
    check: atMost('fedper', 'local-only', 0.5),
  },
  {
    worlds: ['everything'],
    says: 'L2C takes who has other classes for strangers: it is more than forty points below D-PSGD',
    check: above('d-psgd', 'l2c', 40),
  },
  ...['gradient-tracking', 'scaffold'].map(
    (method): Conclusion => ({
      worlds: ['everything'],
      says: `What fails where personal models are wanted (${method} in the world of digits) is above D-PSGD where a common one is`,
      check: above(method, 'd-psgd', 10),
    }),
  ),
];

/** The conclusions of a world with their figures, as Markdown. */
export function conclusionsTable(world: string, results: WorldResults): string[] {
  const rows = conclusions
    .filter(({ worlds }) => worlds.includes(world))
    .map(({ says, expected, check }) => {
      const { holds, figure } = check(results);
      return [
        says,
        expected ? 'before the runs' : 'from the results',
        figure,
        holds ? 'holds' : '**does not hold**',
      ];
    });
  return markdown(['what', 'set', 'difference, seed by seed', ''], rows);
}

/** Sentences that were read off results and do not hold on them any more. */
export function falseConclusions(worlds: readonly World[]): string[] {
  return worlds.flatMap(({ name, results }) =>
    conclusions.flatMap(({ worlds: own, says, expected, check }) => {
      if (expected || !own.includes(name)) return [];
      const { holds, figure } = check(results);
      return holds ? [] : [`${name}: "${says}" does not hold: ${figure}`];
    }),
  );
}
