/**
 * Most algorithms are rounds of phases: compute, send, wait for the neighbours, then combine. `rounds` turns a list
 * of phases into event handlers, and owns the barriers, the deadlines, and the missing and late neighbours.
 */
import { z } from 'zod';
import type { TaskDefinition } from '../compute/task.js';
import { assert, UsageError } from '../errors.js';
import { duration } from '../options/index.js';
import type { Nanoseconds } from '../units.js';
import type { Algorithm, NodeContext, ScenarioFacts } from './algorithm.js';
import { byNumber } from './vectors.js';

/** Options of every algorithm made of rounds; its schema spreads them in. */
export const roundOptions = {
  deadline: duration()
    .optional()
    .describe('how long a node waits for its neighbours in a phase; without it, until all are there'),
  reliable: z.boolean().default(false).describe('whether messages are retried until delivered'),
};

/** Validated {@link roundOptions}. */
export interface RoundOptions {
  readonly deadline?: Nanoseconds | undefined;
  readonly reliable: boolean;
}

/** A task to run, made with {@link job}. */
export interface Job {
  readonly task: TaskDefinition<never, unknown>;
  readonly input: unknown;
}

/** A job, with input and task checked against each other. */
export function job<Input, Output>(task: TaskDefinition<Input, Output>, input: Input): Job {
  return { task: task as unknown as TaskDefinition<never, unknown>, input };
}

/** A message of the present phase, as `combine` gets it. */
export interface PhaseMessage {
  readonly from: number;
  readonly body: unknown;
}

/** A body and its receivers; `to` defaults to all out-neighbours. */
export interface Sending {
  readonly body: unknown;
  readonly to?: ArrayLike<number>;
}

/** One phase of a round. All of it is optional. */
export interface Phase<State, Options> {
  /** The phase's message type; unique among the phases. Needed to send or expect anything. */
  readonly message?: string;
  /** Whether the phase takes place in this round; must come out the same on all nodes that exchange messages. */
  when?(node: NodeContext<Options>, state: State): boolean;
  compute?(node: NodeContext<Options>, state: State): Job;
  computed?(node: NodeContext<Options>, state: State, output: unknown): void;
  /** What to send: one body, or a list where receivers get different ones. */
  send?(node: NodeContext<Options>, state: State): Sending | readonly Sending[];
  /** Gets what receivers will see of the body that was just sent: a lossy codec's sender may need it. */
  sent?(node: NodeContext<Options>, state: State, body: unknown): void;
  /** Send at the start of the phase, while the task runs. Default: after the task. */
  readonly overlap?: boolean;
  /** From whom a message is expected. Default: all in-neighbours where the phase has a message. */
  expect?(node: NodeContext<Options>, state: State): ArrayLike<number>;
  /** `received` is in ascending order of senders; whoever is missing did not make the deadline. */
  combine?(node: NodeContext<Options>, state: State, received: readonly PhaseMessage[]): void;
}

/** What `rounds` keeps beside an algorithm's own state. Plain data. */
export interface RoundState<State> {
  own: State;
  phase: number;
  status: 'computing' | 'waiting' | 'done';
  /** Messages of this and later phases that have arrived. `position` = round × phases + phase. */
  inbox: Array<{ position: number; from: number; body: unknown }>;
  /** Latest position that was heard of, by sender. */
  heard: Record<number, number>;
}

/** An algorithm made of rounds: everything of an Algorithm but its handlers, and the phases. */
export interface RoundsSpec<State, Options extends RoundOptions>
  extends Omit<Algorithm<State, Options>, 'on' | 'evaluate' | 'measure' | 'init' | 'artifacts'> {
  init(node: NodeContext<Options>): State;
  evaluate(state: State): ReturnType<Algorithm<State, Options>['evaluate']>;
  measure?(state: State): Readonly<Record<string, number>>;
  artifacts?(states: readonly State[]): Readonly<Record<string, unknown>>;
  phases(options: Options): readonly Phase<State, Options>[];
}

const DEADLINE = 'rounds/deadline';

/**
 * Builds the algorithm. A node enters a phase when it has finished the one before; it finishes when all expected
 * messages of that round and phase are there, or at the deadline. With a deadline, a neighbour from whom something
 * of a later phase has arrived is no longer waited for. A message for a phase that is over is counted as ignored.
 */
export function rounds<State, Options extends RoundOptions>(
  spec: RoundsSpec<State, Options>,
): Algorithm<RoundState<State>, Options> {
  const { init, evaluate, measure, artifacts, phases, validate, ...rest } = spec;
  const cache = new WeakMap<object, readonly Phase<State, Options>[]>();
  const phasesOf = (node: Node): readonly Phase<State, Options>[] => {
    let list = cache.get(node.options);
    if (!list) {
      list = phases(node.options);
      cache.set(node.options, list);
    }
    return list;
  };
  type Node = NodeContext<Options>;
  type S = RoundState<State>;
  const position = (node: Node, state: S) => node.round * phasesOf(node).length + state.phase;

  /** Starts the present phase; true where it is over at once. */
  function enter(node: Node, state: S): boolean {
    const phase = phasesOf(node)[state.phase]!;
    if (phase.when && !phase.when(node, state.own)) return true;
    if (phase.overlap) share(node, state, phase);
    if (phase.compute) {
      state.status = 'computing';
      submit(node, state, phase);
      return false;
    }
    return wait(node, state, phase);
  }

  function submit(node: Node, state: S, phase: Phase<State, Options>): void {
    const { task, input } = phase.compute!(node, state.own);
    node.compute(task, input as never, task.id);
  }

  function share(node: Node, state: S, phase: Phase<State, Options>): void {
    if (!phase.send) return;
    assert(phase.message !== undefined, 'a phase that sends needs a message type');
    for (const { body, to } of [phase.send(node, state.own)].flat()) {
      const options = { reliable: node.options.reliable, ...(to && { to }) };
      const sent = node.broadcast(phase.message, body, options);
      phase.sent?.(node, state.own, sent);
    }
  }

  /** Sends, then waits; true where nothing is missing. */
  function wait(node: Node, state: S, phase: Phase<State, Options>): boolean {
    if (!phase.overlap) share(node, state, phase);
    state.status = 'waiting';
    if (isComplete(node, state)) return finish(node, state);
    if (node.options.deadline !== undefined) node.timer(DEADLINE, node.options.deadline);
    return false;
  }

  function expected(node: Node, state: S): ArrayLike<number> {
    const phase = phasesOf(node)[state.phase]!;
    if (phase.expect) return phase.expect(node, state.own);
    return phase.message === undefined ? [] : node.neighbors.in;
  }

  function isComplete(node: Node, state: S): boolean {
    const here = position(node, state);
    const arrived = new Set(state.inbox.filter((entry) => entry.position === here).map(({ from }) => from));
    const tolerant = node.options.deadline !== undefined;
    return Array.from(expected(node, state)).every(
      (from) => arrived.has(from) || (tolerant && (state.heard[from] ?? -1) > here),
    );
  }

  /** Combines what is there. Always true: the phase is over. */
  function finish(node: Node, state: S): true {
    const here = position(node, state);
    node.cancelTimer(DEADLINE);
    const wanted = new Set(Array.from(expected(node, state)));
    const received = state.inbox
      .filter((entry) => entry.position === here && wanted.has(entry.from))
      .sort((a, b) => byNumber(a.from, b.from));
    state.inbox = state.inbox.filter((entry) => entry.position > here);
    phasesOf(node)[state.phase]!.combine?.(node, state.own, received);
    return true;
  }

  /** Goes on after a phase that is over, through phases that are over at once. */
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
    validate(facts) {
      // Who expects no message waits for nobody.
      if (phases(facts.options).some(({ message }) => message !== undefined)) requireDeadline(facts);
      validate?.(facts);
    },
    init: (node) => ({ own: init(node), phase: 0, status: 'waiting', inbox: [], heard: {} }),
    evaluate: (state) => evaluate(state.own),
    ...(measure && { measure: (state: S) => measure(state.own) }),
    ...(artifacts && { artifacts: (states: readonly S[]) => artifacts(states.map(({ own }) => own)) }),
    on: {
      start(node, state) {
        if (enter(node, state)) advance(node, state);
      },
      computed(node, state, { output }) {
        const phase = phasesOf(node)[state.phase]!;
        phase.computed?.(node, state.own, output);
        if (wait(node, state, phase)) advance(node, state);
      },
      message(node, state, message) {
        const list = phasesOf(node);
        const phase = list.findIndex((candidate) => candidate.message === message.type);
        assert(phase >= 0, `no phase has the message type "${message.type}"`);
        const at = message.round * list.length + phase;
        if (state.status === 'done' || at < position(node, state)) return node.ignore(message);
        state.heard[message.from] = Math.max(state.heard[message.from] ?? -1, at);
        state.inbox.push({ position: at, from: message.from, body: message.body });
        checkBarrier(node, state);
      },
      timer(node, state, name) {
        if (name !== DEADLINE || state.status !== 'waiting') return;
        finish(node, state);
        advance(node, state);
      },
      topology: checkBarrier,
      up(node, state) {
        // A task that was lost with the node is asked for again; a paused one goes on by itself.
        if (state.status === 'computing' && !node.computing) {
          submit(node, state, phasesOf(node)[state.phase]!);
        }
      },
    },
  };
}

/** Refuses a run in which somebody might wait for ever. Throws a UsageError. */
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

/** The messages that came from present in-neighbours, with the neighbour's place in `node.neighbors.in`. */
export function fromNeighbors<View>(
  node: NodeContext,
  received: readonly PhaseMessage[],
): Array<{ neighbor: number; view: View }> {
  return received.flatMap(({ from, body }) => {
    const neighbor = node.neighbors.in.indexOf(from);
    return neighbor < 0 ? [] : [{ neighbor, view: body as View }];
  });
}
