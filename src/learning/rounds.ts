/**
 * Most algorithms are rounds of phases: compute, send, wait for the neighbours, then combine. `rounds` turns a list
 * of phases into event handlers, and takes care of barriers, deadlines, and missing and late neighbours.
 */
import { z } from 'zod';
import { assert, UsageError } from '../errors.js';
import { duration } from '../options/index.js';
import type { Round } from '../units.js';
import type { Algorithm, NodeContext, ScenarioFacts } from './algorithm.js';
import { type AnyMessageType, codecsOf } from './messages.js';
import type { Phase } from './phases.js';

/** Options of every algorithm made of rounds; its schema spreads them in. @public */
export const roundOptions = {
  deadline: duration()
    .optional()
    .describe(
      'how long a node waits for its neighbours in each phase; default: until all messages have arrived',
    ),
  ahead: z
    .int()
    .min(1)
    .optional()
    .describe(
      'rounds: with a deadline, a message so many rounds or more ahead of its receiver is not kept but ignored; default: 100',
    ),
  reliable: z.boolean().default(false).describe('whether a message is sent again until it is delivered'),
};

/** Validated {@link roundOptions}. @public */
export type RoundOptions = z.output<z.ZodObject<typeof roundOptions>>;

/** The state of a node: the algorithm's own, and what `rounds` needs in addition. Plain data. @public */
export interface RoundState<State> {
  own: State;
  phase: number;
  status: 'computing' | 'waiting' | 'done';
  /** Messages of this and later phases that have arrived. `position` = round × phases + phase. */
  inbox: Array<{ position: number; from: number; body: unknown }>;
  /** How many of them have this position. */
  arrived: { position: number; count: number };
  /** By sender, the latest position for which a message has arrived. */
  latestPosition: Record<number, number>;
}

/** An algorithm made of rounds: an {@link Algorithm} with phases in place of handlers. @public */
export interface RoundsSpec<State, Options extends RoundOptions>
  extends Omit<
    Algorithm<State, Options>,
    'messages' | 'tasks' | 'on' | 'evaluate' | 'series' | 'init' | 'artifacts' | 'personal'
  > {
  init(node: NodeContext<Options>): State;
  evaluate: Algorithm<State, Options>['evaluate'];
  personal?: Algorithm<State, Options>['personal'];
  series?(state: State): Readonly<Record<string, number>>;
  artifacts?(states: readonly State[]): Readonly<Record<string, unknown>>;
  /** Message types in addition to those of the phases, for handlers that the algorithm adds; numbered after them. */
  messages?(options: Options): readonly AnyMessageType[];
  /** The phases of a round with these options, in their order. */
  phases(options: Options): readonly Phase<State, Options>[];
}

/** Rounds that a node keeps messages of, from its own on: without a bound, those of a slow node fill the memory. */
const AHEAD = 100;

const DEADLINE = 'rounds/deadline';

/**
 * Builds the algorithm. A node enters a phase when it has finished the one before; it finishes when all expected
 * messages of that round and phase have arrived, or at the deadline. With a deadline, it does not wait any more for a
 * neighbour from which a message of a later phase has arrived. A message for a phase that is over counts as ignored.
 * @public
 */
export function rounds<State, Options extends RoundOptions>(
  spec: RoundsSpec<State, Options>,
): Algorithm<RoundState<State>, Options> {
  const { init, evaluate, series, artifacts, personal, phases, messages, validate, ...rest } = spec;
  const cache = new WeakMap<object, readonly Phase<State, Options>[]>();
  /** Most calls are for nodes of one run. */
  let recent: { readonly options: Options; readonly list: readonly Phase<State, Options>[] } | undefined;
  const phasesOf = ({ options }: Node): readonly Phase<State, Options>[] => {
    if (recent?.options === options) return recent.list;
    const list = cache.get(options) ?? phases(options);
    cache.set(options, list);
    recent = { options, list };
    return list;
  };
  type Node = NodeContext<Options>;
  type S = RoundState<State>;
  const phaseOf = (node: Node, state: S) => phasesOf(node)[state.phase]!;
  const position = (node: Node, state: S) => node.round * phasesOf(node).length + state.phase;

  /** Starts the present phase; returns true where it is over at once. */
  function enter(node: Node, state: S): boolean {
    const phase = phaseOf(node, state);
    if (phase.when && !phase.when(node, state.own)) return true;
    if (phase.overlap) sendBodies(node, state, phase);
    if (phase.task) {
      state.status = 'computing';
      submit(node, state, phase);
      return false;
    }
    return wait(node, state, phase);
  }

  function submit(node: Node, state: S, { task, input }: Phase<State, Options>): void {
    assert(task && input, 'a phase with a task needs `input`, which returns the input of the task');
    node.compute(task, input(node, state.own), task.id);
  }

  function sendBodies(node: Node, state: S, phase: Phase<State, Options>): void {
    if (!phase.send) return;
    assert(phase.message !== undefined, 'a phase with `send` needs `message`, the type of what it sends');
    for (const { body, to } of [phase.send(node, state.own)].flat()) {
      const options = { reliable: node.options.reliable, ...(to && { to }) };
      const sent = node.broadcast(phase.message.name, body, options);
      phase.sent?.(node, state.own, sent);
    }
  }

  /** Sends, then waits; returns true where no message is missing. */
  function wait(node: Node, state: S, phase: Phase<State, Options>): boolean {
    if (!phase.overlap) sendBodies(node, state, phase);
    state.status = 'waiting';
    if (isComplete(node, state)) return finish(node, state);
    if (node.options.deadline !== undefined) node.timer(DEADLINE, node.options.deadline);
    return false;
  }

  function expected(node: Node, state: S): ArrayLike<number> {
    const phase = phaseOf(node, state);
    if (phase.expect) return phase.expect(node, state.own);
    return phase.message === undefined ? [] : node.neighbors.in;
  }

  /** Without a deadline the message will be waited for, so it is kept. */
  function isTooFarAhead({ round, options: { deadline, ahead = AHEAD } }: Node, sent: Round): boolean {
    return deadline !== undefined && sent >= round + ahead;
  }

  /** Too few messages for all in-neighbours: seen at once, which decides for most messages that arrive. */
  function areTooFew(node: Node, state: S): boolean {
    const { message, expect } = phaseOf(node, state);
    if (expect || message === undefined) return false;
    // A message of a later phase can stand for a missing one where there is a deadline.
    const count =
      node.options.deadline === undefined ? arrivedAt(state, position(node, state)) : state.inbox.length;
    return count < node.neighbors.in.length;
  }

  /** How many messages of a position have arrived; counted when first asked, then kept up to date. */
  function arrivedAt(state: S, here: number): number {
    if (state.arrived.position !== here) {
      const count = state.inbox.filter((entry) => entry.position === here).length;
      state.arrived = { position: here, count };
    }
    return state.arrived.count;
  }

  function isComplete(node: Node, state: S): boolean {
    if (areTooFew(node, state)) return false;
    const here = position(node, state);
    const arrived = new Set<number>();
    for (const { position: at, from } of state.inbox) if (at === here) arrived.add(from);
    const tolerant = node.options.deadline !== undefined;
    const senders = expected(node, state);
    for (let k = 0; k < senders.length; k++) {
      const from = senders[k]!;
      if (!arrived.has(from) && !(tolerant && (state.latestPosition[from] ?? -1) > here)) return false;
    }
    return true;
  }

  /** Combines the messages that have arrived. Always returns true: the phase is over. */
  function finish(node: Node, state: S): true {
    const here = position(node, state);
    node.cancelTimer(DEADLINE);
    const wanted = new Set(Array.from(expected(node, state)));
    const received: typeof state.inbox = [];
    const later: typeof state.inbox = [];
    for (const entry of state.inbox) {
      if (entry.position > here) later.push(entry);
      else if (entry.position === here && wanted.has(entry.from)) received.push(entry);
    }
    received.sort((a, b) => a.from - b.from);
    state.inbox = later;
    phaseOf(node, state).combine?.(node, state.own, received);
    return true;
  }

  /** Continues after a phase that is over, through all phases that are over at once. */
  function advance(node: Node, state: S): void {
    do {
      state.phase++;
      if (state.phase < phasesOf(node).length) continue;
      state.phase = 0;
      if (node.nextRound()) continue;
      state.status = 'done';
      return;
    } while (enter(node, state));
  }

  function checkBarrier(node: Node, state: S): void {
    if (state.status === 'waiting' && isComplete(node, state)) {
      finish(node, state);
      advance(node, state);
    }
  }

  return {
    ...rest,
    messages: (context) =>
      codecsOf(
        [
          ...phases(context.options).flatMap(({ message }) => message ?? []),
          ...(messages?.(context.options) ?? []),
        ],
        context,
      ),
    tasks: (options) => phases(options).flatMap(({ task }) => task ?? []),
    validate(facts) {
      validate?.(facts);
      const list = phases(facts.options);
      // A phase that says itself from whom it expects messages may not know who has left.
      const faults = facts.faults || (facts.members === true && list.some(({ expect }) => expect));
      // Without messages no node waits for another.
      if (list.some(({ message }) => message !== undefined)) requireDeadline({ ...facts, faults });
    },
    init: (node) => ({
      own: init(node),
      phase: 0,
      status: 'waiting',
      inbox: [],
      arrived: { position: 0, count: 0 },
      latestPosition: {},
    }),
    evaluate: (state, context) => evaluate(state.own, { ...context, roles: [] }),
    ...(personal && { personal: (state: S, node) => personal(state.own, node) }),
    ...(series && { series: (state: S) => series(state.own) }),
    ...(artifacts && { artifacts: (states: readonly S[]) => artifacts(states.map(({ own }) => own)) }),
    on: {
      start(node, state) {
        if (enter(node, state)) advance(node, state);
      },
      computed(node, state, { output }) {
        const phase = phaseOf(node, state);
        phase.computed?.(node, state.own, output);
        if (wait(node, state, phase)) advance(node, state);
      },
      message(node, state, message) {
        const list = phasesOf(node);
        const phase = list.findIndex((candidate) => candidate.message?.name === message.type);
        assert(phase >= 0, `expected a message type of one of the phases, got "${message.type}"`);
        const at = message.round * list.length + phase;
        if (state.status === 'done' || at < position(node, state)) return node.ignore(message);
        state.latestPosition[message.from] = Math.max(state.latestPosition[message.from] ?? -1, at);
        if (isTooFarAhead(node, message.round)) {
          node.ignore(message);
          return checkBarrier(node, state);
        }
        state.inbox.push({ position: at, from: message.from, body: message.body });
        if (at === state.arrived.position) state.arrived.count++;
        checkBarrier(node, state);
      },
      timer(node, state, name) {
        if (name !== DEADLINE || state.status !== 'waiting') return;
        finish(node, state);
        advance(node, state);
      },
      topology: checkBarrier,
      up(node, state) {
        // A task that was lost with the node is submitted again; a paused one continues by itself.
        if (state.status === 'computing' && !node.computing) {
          submit(node, state, phaseOf(node, state));
        }
      },
    },
  };
}

/** Refuses a run in which a node might wait for ever. Throws a UsageError `no-deadline`. @public */
export function requireDeadline(facts: ScenarioFacts<RoundOptions>): void {
  const { options, drops, faults, givesUp = false } = facts;
  if (options.deadline !== undefined || !(faults || (drops && (givesUp || !options.reliable)))) return;
  const why = faults
    ? 'nodes may go down, and their neighbours would wait for ever'
    : 'messages may be dropped, and their receivers would wait for ever';
  const remedy =
    faults || (options.reliable && givesUp)
      ? 'algorithm.deadline (such as 5s)'
      : 'algorithm.deadline (such as 5s) or algorithm.reliable: true';
  throw new UsageError('no-deadline', `expected ${remedy}, because ${why}`, 'algorithm.deadline');
}
