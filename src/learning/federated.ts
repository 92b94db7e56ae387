/**
 * Rounds with a server: it sends a message to some clients, they compute and answer, and it aggregates the answers.
 * `federated` builds the handlers, and takes care of participation, deadlines and late answers.
 */
import { z } from 'zod';
import type { TaskDefinition } from '../compute/task.js';
import { assert } from '../errors.js';
import { byNumber } from '../numbers.js';
import { empty } from '../wire/control.js';
import type { Algorithm, NodeContext, NodeFacts } from './algorithm.js';
import { codecsOf, isMessage, type MessageType, messageType } from './messages.js';
import type { Sending } from './phases.js';
import { requireDeadline, roundOptions } from './rounds.js';

/** Options of every algorithm with a server; its schema spreads them in. @public */
export const federatedOptions = {
  ...roundOptions,
  participation: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('share of the clients that take part in each round, rounded up'),
};

/** Validated {@link federatedOptions}. @public */
export type FederatedOptions = z.output<z.ZodObject<typeof federatedOptions>>;

/** An answer of a client, as `aggregate` gets it. @public */
export interface ClientUpdate<View> {
  readonly from: number;
  readonly body: View;
}

/** A task of a client, its input, and what becomes of its output. @public */
export interface ClientStepSpec<Client, Options, Input, Output> {
  readonly task: TaskDefinition<Input, Output>;
  input(node: NodeContext<Options>, client: Client): NoInfer<Input>;
  computed(node: NodeContext<Options>, client: Client, output: Output): void;
}

/** A step of a client, whatever it computes; made with {@link clientStep}. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every ClientStepSpec of a client is assignable to.
export type ClientStep<Client, Options> = ClientStepSpec<Client, Options, any, any>;

/**
 * Makes a step whose parts the compiler checks against each other. Client and options are those of the algorithm.
 * @public
 */
export function clientStep<Client, Options, Input, Output>(
  spec: ClientStepSpec<NoInfer<Client>, NoInfer<Options>, Input, Output>,
): ClientStep<Client, Options> {
  return spec;
}

/** The messages that a server sends and receives: their bodies, and what receivers see of these. */
interface FederatedMessages<Options, Global, GlobalView, UpdateBody, UpdateView> {
  /** From the server to each client that takes part. */
  readonly global: MessageType<Global, GlobalView, Options>;
  /** From such a client to the server. */
  readonly update: MessageType<UpdateBody, UpdateView, Options>;
}

/**
 * An algorithm with a server: an {@link Algorithm} with `client` and `server` in place of roles and handlers.
 * @public
 */
export interface FederatedSpec<Client, Server, Options, Global, GlobalView, UpdateBody, UpdateView>
  extends Omit<
    Algorithm<never, Options>,
    | 'roles'
    | 'mixing'
    | 'validate'
    | 'messages'
    | 'tasks'
    | 'init'
    | 'on'
    | 'evaluate'
    | 'series'
    | 'personal'
  > {
  readonly messages: FederatedMessages<Options, Global, GlobalView, UpdateBody, UpdateView>;
  readonly client: {
    init(node: NodeContext<Options>): Client;
    receive(node: NodeContext<Options>, client: Client, global: GlobalView): void;
    /** What a client computes in a round, one step after the other. */
    readonly steps:
      | readonly ClientStep<Client, Options>[]
      | ((options: Options) => readonly ClientStep<Client, Options>[]);
    update(node: NodeContext<Options>, client: Client): NoInfer<UpdateBody>;
    /**
     * With these options, a training of every client after the last round, from the last global model; its result is not
     * sent. The model goes to all clients as `final`, and each answers `done` without a body; both are charged.
     */
    final?(options: Options): ClientStep<Client, Options> | undefined;
    /** `server` is the server's state, for models that belong to both. */
    evaluate?(
      client: Client,
      context: NodeFacts<Options> & { readonly server: Server },
    ): ReturnType<Algorithm['evaluate']>;
    series?(client: Client): Readonly<Record<string, number>>;
    /** Arrays that never leave the client. */
    personal?(client: Client, node: NodeFacts<Options>): ReadonlyArray<Float32Array | Float64Array>;
  };
  readonly server: {
    init(node: NodeContext<Options>): Server;
    /** Updates in ascending order of clients; there is at least one. */
    aggregate(
      node: NodeContext<Options>,
      server: Server,
      updates: readonly ClientUpdate<NoInfer<UpdateView>>[],
    ): void;
    evaluate?(server: Server): ReturnType<Algorithm['evaluate']>;
  } & ServerSending<Server, Options, NoInfer<Global>>;
}

/** What a server sends in a round: one body to all clients that take part, or several. */
type ServerSending<Server, Options, Global> =
  | { global(node: NodeContext<Options>, server: Server): Global; readonly globals?: undefined }
  | {
      /** Bodies with their receivers, who together are `clients`: those that take part, in ascending order. */
      globals(
        node: NodeContext<Options>,
        server: Server,
        clients: readonly number[],
      ): ReadonlyArray<Required<Sending<Global>>>;
      readonly global?: undefined;
    };

/** The state of a node: the algorithm's own, and what `federated` needs in addition. Plain data. @public */
export type FederatedState<Client, Server> =
  | { role: 'client'; own: Client; step: number }
  // biome-ignore lint/suspicious/noExplicitAny: a state does not say what its messages are.
  | { role: 'server'; own: Server; awaited: number[]; updates: ClientUpdate<any>[]; isFinal: boolean };

/** An algorithm that {@link federated} has made. @public */
export type FederatedAlgorithm<Client, Server, Options> = Algorithm<FederatedState<Client, Server>, Options>;

const DEADLINE = 'deadline';

/** A client's answer when it has finished its last training. */
const DONE = messageType('done', () => empty);

/** Clients that take part in a round: the share rounded up, but not for a rounding error of the product; at least one. */
export function clientsOf(participation: number, nodes: number): number {
  return Math.max(1, Math.ceil(participation * nodes - 1e-9));
}

/**
 * Builds the algorithm. A client that does not answer by the deadline is left out of the round. Declare the
 * type of the result, from which state and options follow: `const fedavg: FederatedAlgorithm<Client, Server, Options>`.
 * @public
 */
export function federated<
  Client,
  Server,
  Options extends FederatedOptions,
  Global,
  GlobalView,
  UpdateBody,
  UpdateView,
>(
  spec: FederatedSpec<
    NoInfer<Client>,
    NoInfer<Server>,
    NoInfer<Options>,
    Global,
    GlobalView,
    UpdateBody,
    UpdateView
  >,
): FederatedAlgorithm<Client, Server, Options> {
  const { client, server, messages, ...rest } = spec;
  const finalStep = (options: Options) => client.final?.(options);
  const FINAL = { ...messages.global, name: 'final' };
  type Node = NodeContext<Options>;
  type State = FederatedState<Client, Server>;
  type ServerState = Extract<State, { role: 'server' }>;
  type ClientState = Extract<State, { role: 'client' }>;

  function startRound(node: Node, state: ServerState): void {
    const { participation, deadline } = node.options;
    const all = Uint32Array.from({ length: node.nodes }, (_, id) => id);
    const drawn = node.random('participants').shuffle(all);
    state.awaited = Array.from(drawn.subarray(0, clientsOf(participation, node.nodes))).sort(byNumber);
    state.updates = [];
    sendGlobal(node, state, messages.global.name);
    if (deadline !== undefined) node.timer(DEADLINE, deadline);
  }

  function sendGlobal(node: Node, { own, awaited }: ServerState, type: string): void {
    const { reliable } = node.options;
    const sendings = server.globals?.(node, own, awaited) ?? [
      { body: server.global!(node, own), to: awaited },
    ];
    for (const { body, to } of sendings) node.broadcast(type, body, { to, reliable });
  }

  function finishRound(node: Node, state: ServerState): void {
    node.cancelTimer(DEADLINE);
    const updates = state.updates.sort((a, b) => byNumber(a.from, b.from));
    if (updates.length > 0) server.aggregate(node, state.own, updates);
    if (node.lastRound && !state.isFinal && finalStep(node.options)) startFinal(node, state);
    else if (node.nextRound()) startRound(node, state);
  }

  /** Sends the last model to all clients, for their last training. */
  function startFinal(node: Node, state: ServerState): void {
    const { deadline } = node.options;
    state.isFinal = true;
    state.updates = [];
    state.awaited = Array.from({ length: node.nodes }, (_, id) => id);
    sendGlobal(node, state, FINAL.name);
    if (deadline !== undefined) node.timer(DEADLINE, deadline);
  }

  const roundSteps = (options: Options) =>
    typeof client.steps === 'function' ? client.steps(options) : client.steps;

  /** The steps of a round, and behind them the last training. */
  const stepsOf = (options: Options) => [...roundSteps(options), finalStep(options) ?? []].flat();

  function startStep(node: Node, state: ClientState): void {
    const { task, input } = stepsOf(node.options)[state.step]!;
    node.compute(task, input(node, state.own));
  }

  return {
    ...rest,
    roles: { server: { count: 1, countsRounds: true } },
    messages: (context) =>
      codecsOf(
        [messages.global, messages.update, ...(finalStep(context.options) ? [FINAL, DONE] : [])],
        context,
      ),
    tasks: (options) => stepsOf(options).map(({ task }) => task),
    validate: requireDeadline,
    init: (node) =>
      node.role === 'server'
        ? { role: 'server', own: server.init(node), awaited: [], updates: [], isFinal: false }
        : { role: 'client', own: client.init(node), step: 0 },
    on: {
      start(node, state) {
        if (state.role === 'server') startRound(node, state);
      },
      message(node, state, received) {
        const { from, round } = received;
        if (state.role === 'client') {
          if (round < node.round || node.computing) return node.ignore(received);
          const isFinal = isMessage(FINAL, received);
          assert(
            isFinal || isMessage(messages.global, received),
            `expected messages of type "${messages.global.name}" at a client, got "${received.type}"`,
          );
          node.joinRound(round);
          client.receive(node, state.own, received.body);
          state.step = isFinal ? roundSteps(node.options).length : 0;
          return startStep(node, state);
        }
        const place = round === node.round ? state.awaited.indexOf(from) : -1;
        if (place < 0) return node.ignore(received);
        // An update that is late for the last round is no answer to the last model.
        if (state.isFinal !== isMessage(DONE, received)) return node.ignore(received);
        state.awaited.splice(place, 1);
        if (!state.isFinal) state.updates.push({ from, body: received.body });
        if (state.awaited.length === 0) finishRound(node, state);
      },
      computed(node, state, { output }) {
        if (state.role === 'server') return;
        const { reliable } = node.options;
        stepsOf(node.options)[state.step]!.computed(node, state.own, output);
        state.step++;
        const { length } = roundSteps(node.options);
        if (state.step > length) return node.send(node.nodes, DONE.name, null, { reliable });
        if (state.step < length) return startStep(node, state);
        node.send(node.nodes, messages.update.name, client.update(node, state.own), { reliable });
      },
      timer(node, state) {
        if (state.role === 'server') finishRound(node, state);
      },
    },
    evaluate(state, { roles, ...context }) {
      if (state.role === 'server') return server.evaluate?.(state.own) ?? {};
      const [first] = roles as readonly ServerState[];
      return client.evaluate?.(state.own, { ...context, server: first!.own }) ?? {};
    },
    series: (state) => (state.role === 'client' ? (client.series?.(state.own) ?? {}) : {}),
    personal: (state, node) => (state.role === 'client' ? (client.personal?.(state.own, node) ?? []) : []),
  };
}
