/**
 * Rounds with a server: it sends something to some clients, they compute, it aggregates what comes back. `federated`
 * builds the handlers, and owns participation, deadlines and late answers.
 */
import { z } from 'zod';
import type { Codec, VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { record } from '../wire/record.js';
import type { Algorithm, NodeContext } from './algorithm.js';
import { type Job, type RoundOptions, requireDeadline, roundOptions } from './rounds.js';
import { byNumber, weightedSum } from './vectors.js';

/** Options of every algorithm with a server; its schema spreads them in. */
export const federatedOptions = {
  ...roundOptions,
  participation: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('share of the clients that take part in a round, rounded up'),
};

/** Validated {@link federatedOptions}. */
export interface FederatedOptions extends RoundOptions {
  readonly participation: number;
}

/** An answer, as `aggregate` gets it. */
export interface Update {
  readonly from: number;
  readonly body: unknown;
}

/** One task of a client; a round is a list of them, one after the other. */
export interface ClientStep<Client, Options> {
  compute(node: NodeContext<Options>, client: Client): Job;
  computed(node: NodeContext<Options>, client: Client, output: unknown): void;
}

/** An algorithm with a server: everything of an Algorithm but roles and handlers. Messages: `global`, `update`. */
export interface FederatedSpec<Client, Server, Options extends FederatedOptions>
  extends Omit<
    Algorithm<never, Options>,
    'roles' | 'mixing' | 'validate' | 'init' | 'on' | 'evaluate' | 'measure'
  > {
  readonly client: {
    init(node: NodeContext<Options>): Client;
    /** Gets the body of `global`. */
    receive(node: NodeContext<Options>, client: Client, body: unknown): void;
    readonly steps: readonly ClientStep<Client, Options>[];
    /** The body of `update`. */
    update(node: NodeContext<Options>, client: Client): unknown;
    evaluate?(client: Client): ReturnType<Algorithm['evaluate']>;
    measure?(client: Client): Readonly<Record<string, number>>;
  };
  readonly server: {
    init(node: NodeContext<Options>): Server;
    /** The body of `global`. */
    global(node: NodeContext<Options>, server: Server): unknown;
    /** Updates in ascending order of clients; there is at least one. */
    aggregate(node: NodeContext<Options>, server: Server, updates: readonly Update[]): void;
    evaluate?(server: Server): ReturnType<Algorithm['evaluate']>;
  };
}

/** What `federated` keeps beside an algorithm's own state. Plain data. */
export type FederatedState<Client, Server> =
  | { role: 'client'; own: Client; step: number }
  | { role: 'server'; own: Server; missing: number[]; updates: Update[] };

const DEADLINE = 'deadline';

/** Builds the algorithm. A client that does not answer by the deadline is left out of the round. */
export function federated<Client, Server, Options extends FederatedOptions>(
  spec: FederatedSpec<Client, Server, Options>,
): Algorithm<FederatedState<Client, Server>, Options> {
  const { client, server, ...rest } = spec;
  type Node = NodeContext<Options>;
  type State = FederatedState<Client, Server>;
  type ServerState = Extract<State, { role: 'server' }>;
  type ClientState = Extract<State, { role: 'client' }>;

  function startRound(node: Node, state: ServerState): void {
    const { participation, deadline, reliable } = node.options;
    const all = Uint32Array.from({ length: node.nodes }, (_, id) => id);
    const drawn = node.random('participants').shuffle(all);
    state.missing = Array.from(drawn.subarray(0, Math.ceil(participation * node.nodes))).sort(byNumber);
    state.updates = [];
    node.broadcast('global', server.global(node, state.own), { to: state.missing, reliable });
    if (deadline !== undefined) node.timer(DEADLINE, deadline);
  }

  function finishRound(node: Node, state: ServerState): void {
    node.cancelTimer(DEADLINE);
    const updates = state.updates.sort((a, b) => byNumber(a.from, b.from));
    if (updates.length > 0) server.aggregate(node, state.own, updates);
    if (node.nextRound()) startRound(node, state);
  }

  function startStep(node: Node, state: ClientState): void {
    const { task, input } = client.steps[state.step]!.compute(node, state.own);
    node.compute(task, input as never);
  }

  return {
    ...rest,
    roles: { server: { count: 1, countsRounds: true } },
    validate: requireDeadline,
    init: (node) =>
      node.role === 'server'
        ? { role: 'server', own: server.init(node), missing: [], updates: [] }
        : { role: 'client', own: client.init(node), step: 0 },
    on: {
      start(node, state) {
        if (state.role === 'server') startRound(node, state);
      },
      message(node, state, message) {
        if (state.role === 'client') {
          if (message.round < node.round || node.computing) return node.ignore(message);
          node.joinRound(message.round);
          client.receive(node, state.own, message.body);
          state.step = 0;
          return startStep(node, state);
        }
        const place = message.round === node.round ? state.missing.indexOf(message.from) : -1;
        if (place < 0) return node.ignore(message);
        state.missing.splice(place, 1);
        state.updates.push({ from: message.from, body: message.body });
        if (state.missing.length === 0) finishRound(node, state);
      },
      computed(node, state, { output }) {
        if (state.role === 'server') return;
        client.steps[state.step]!.computed(node, state.own, output);
        state.step++;
        if (state.step < client.steps.length) return startStep(node, state);
        node.send(node.nodes, 'update', client.update(node, state.own), { reliable: node.options.reliable });
      },
      timer(node, state) {
        if (state.role === 'server') finishRound(node, state);
      },
    },
    evaluate: (state) =>
      (state.role === 'server' ? server.evaluate?.(state.own) : client.evaluate?.(state.own)) ?? {},
    measure: (state) => (state.role === 'client' ? (client.measure?.(state.own) ?? {}) : {}),
  };
}

/** What a server keeps that averages vectors. Plain data. */
export interface AveragingServer {
  /** x, float32. */
  values: Float32Array;
}

/** Messages of such a server: `global` is x, `update` is x_i and n_i, the samples of the client. */
export function averagingMessages<C extends Codec<never, unknown>>(values: C) {
  return { global: values, update: record({ values, samples: number('u32', 'header') }) };
}

/** A server that replaces its x by Σ n_i x_i / Σ n_i of the updates; an algorithm adds what it starts from. */
export const averagingServer = {
  global: (_node: NodeContext, { values }: AveragingServer) => ({ values }),
  aggregate(_node: NodeContext, server: AveragingServer, updates: readonly Update[]): void {
    server.values = sampleWeightedMean(
      updates.map(({ body }) => {
        const { values, samples } = body as { values: VectorView; samples: number };
        return { values: values.values, samples };
      }),
    );
  },
};

/** Σ n_i x_i / Σ n_i over the updates, float32. */
export function sampleWeightedMean(
  updates: ReadonlyArray<{ readonly values: Float32Array; readonly samples: number }>,
): Float32Array {
  const samples = updates.reduce((sum, update) => sum + update.samples, 0);
  return weightedSum(
    updates.map(({ values }) => values),
    updates.map((update) => update.samples / samples),
  );
}
