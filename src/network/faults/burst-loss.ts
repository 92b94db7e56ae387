/**
 * `burst-loss`: losses come in bursts. Each link is good or bad for exponentially distributed times, and loses another share of
 * the messages in each state: the model of Gilbert and Elliott in continuous time.
 */
import { z } from 'zod';
import { share } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { Nanoseconds } from '../../units.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';
import { lossOfMessage, mtuOption } from './packets.js';

const options = z.strictObject({
  good: positiveDuration('mean time').describe('mean of the times for which a link is good'),
  bad: positiveDuration('mean time').describe('mean of the times for which it is bad'),
  lossGood: share().prefault('0%').describe('share of the messages that are lost while the link is good'),
  lossBad: share().prefault('100%').describe('share of the messages that are lost while it is bad'),
  mtu: mtuOption()
    .optional()
    .describe(
      'bytes of a message that a packet holds at most; with it, the shares are those of packets, and a message is lost with any of its packets',
    ),
  nodes: nodeSet().optional().describe('nodes whose messages, sent or received, suffer; default: all'),
});

type Options = z.output<typeof options>;

/** The state of a link. Plain data. */
interface LinkState {
  readonly isBad: boolean;
  /** When it turns into the other one. */
  readonly until: Nanoseconds;
}

/** A link keeps its state, and draws when it changes whatever is sent on it: its weather does not depend on the load. */
export const burstLoss: FaultEntry<Options> = {
  id: 'burst-loss',
  description: 'every link is good or bad for random times, and loses more while it is bad',
  options,
  reference:
    'Gilbert, Capacity of a burst-noise channel, Bell System Technical Journal 39, 1960; Elliott, Estimates of error rates for codes on burst-noise channels, 42, 1963',
  check: ({ nodes: given }, { nodes }) => refuseUnknownNodes(given ?? [], nodes, 'nodes'),
  start: () => {},
  on: {},
  loses(options, { from, to, bytes, now }, memory) {
    const { nodes, mtu } = options;
    if (nodes !== undefined && !nodes.includes(from) && !nodes.includes(to)) return false;
    const weather = memory.random('weather');
    const state = stateAt(
      now,
      (memory.state as LinkState | undefined) ?? first(options, weather),
      options,
      weather,
    );
    memory.state = state;
    const loss = state.isBad ? options.lossBad : options.lossGood;
    return memory.random().uniform() < (mtu === undefined ? loss : lossOfMessage(loss, bytes, mtu));
  },
};

/** A link begins in the stationary distribution: it is bad with bad ÷ (good + bad). */
function first(options: Options, random: Random): LinkState {
  const isBad = random.uniform() < options.bad / (options.good + options.bad);
  return { isBad, until: stay(isBad, options, random) };
}

function stateAt(now: Nanoseconds, state: LinkState, options: Options, random: Random): LinkState {
  let { isBad, until } = state;
  while (until <= now) {
    isBad = !isBad;
    until += stay(isBad, options, random);
  }
  return { isBad, until };
}

/** How long a link stays in a state: whole nanoseconds of at least 1. */
function stay(isBad: boolean, { good, bad }: Options, random: Random): Nanoseconds {
  return Math.max(1, Math.ceil(random.exponential(isBad ? bad : good)));
}
