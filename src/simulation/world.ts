/** The parts of a run, and the wiring between them. */
import { Processors } from '../compute/processor.js';
import type { ComputeQueue } from '../compute/queue.js';
import type { TaskDefinition } from '../compute/task.js';
import { assert, PluginError } from '../errors.js';
import { Kernel } from '../kernel/kernel.js';
import type { Trace, TraceRecord } from '../kernel/trace.js';
import type { Evaluated } from '../learning/algorithm.js';
import { evaluate } from '../learning/evaluate.js';
import { areFinite, isParams, lengthOfParams } from '../learning/params.js';
import { train } from '../learning/train.js';
import { Recorder } from '../metrics/recorder.js';
import { rowSample } from '../metrics/sampled.js';
import { Faults } from '../network/faults/faults.js';
import type { FaultAttempt, FaultLink, TaskFate } from '../network/faults/index.js';
import { Ledger, type LedgerArchive } from '../network/ledger.js';
import { Network } from '../network/network.js';
import { framingOf } from '../network/options.js';
import type { Round } from '../units.js';
import { Actors } from './actors.js';
import type { RunConstants } from './constants.js';
import { LiveTopology } from './live-topology.js';
import { Messages } from './messages.js';
import { NodeRuntime } from './node.js';
import type { Plan } from './plan.js';
import type { Divergence, Sample, StopReason, TopologyChange } from './result.js';
import { RoundBook } from './round-book.js';
import { SpanLog, type SpanSink, type SpanState } from './spans.js';
import { OutlinedMessages } from './timing-only.js';
import { viewOf } from './view.js';

/** A saved world: what each part saves, by the names of the parts. Plain data. */
export interface WorldState {
  readonly queue: ReturnType<ComputeQueue['save']>;
  readonly streams: ReturnType<RunConstants['streams']['save']>;
  readonly kernel: ReturnType<Kernel['save']>;
  readonly topology: ReturnType<LiveTopology['save']>;
  readonly rounds: ReturnType<RoundBook['save']>;
  readonly ledger: ReturnType<Ledger['save']>;
  readonly network: ReturnType<Network['save']>;
  readonly faults: ReturnType<Faults['save']>;
  readonly processors: ReturnType<Processors['save']>;
  readonly messages: ReturnType<Messages['save']>;
  readonly actors: ReturnType<Actors['save']>;
  readonly recorder: ReturnType<Recorder['save']>;
  readonly spans: SpanState | undefined;
  readonly samples: readonly Sample[];
  readonly changes: readonly TopologyChange[];
  readonly divergences: readonly Divergence[];
  readonly stopReason: StopReason | null;
}

/** What a world is made of. */
interface WorldParts {
  readonly plan: Plan;
  readonly constants: RunConstants;
  readonly queue: ComputeQueue;
  readonly trace: Trace;
  readonly archive?: LedgerArchive | undefined;
  readonly spans?: SpanSink | undefined;
}

/** The whole state of a run. Each part owns its facts; the others read them from that part. */
export class World {
  readonly plan: Plan;
  readonly constants: RunConstants;
  /** The clock, and all events that are to come. */
  readonly kernel: Kernel;
  /** Tasks that have been submitted, and the outputs that nobody has taken yet. */
  readonly queue: ComputeQueue;
  /** Attempts at messages and their outcomes. */
  readonly ledger: Ledger;
  /** Messages under way, and which nodes are up. */
  readonly network: Network;
  /** Which round each node is in. */
  readonly rounds: RoundBook;
  /** Which nodes mix with each other. */
  readonly topology: LiveTopology;
  /** What each node computes, in virtual time. */
  readonly processors: Processors;
  readonly messages: Messages;
  /** What is written down of the run while it goes on; undefined if nobody asks. */
  readonly spans: SpanLog | undefined;
  /** The algorithm's state of each node, and its timers. */
  readonly actors: Actors;
  /** When the probes run, and what they have found. */
  readonly recorder: Recorder;
  readonly faults: Faults;
  /** Samples and changes of the topology that the run has not yielded yet. */
  samples: Sample[] = [];
  changes: TopologyChange[] = [];
  /** Nodes whose params are no longer finite, each once. */
  divergences: Divergence[] = [];
  /** Why the run ends; null while it continues. */
  stopReason: StopReason | null = null;

  constructor(parts: WorldParts) {
    const { plan, constants, queue, trace, archive, spans } = parts;
    const { streams, roles, speeds } = constants;
    const { entry: algorithm, options } = plan.algorithm;
    this.plan = plan;
    this.constants = constants;
    this.queue = queue;
    const kernel = new Kernel({ trace, gates: queue });
    this.kernel = kernel;
    this.messages = plan.timingOnly ? new OutlinedMessages(constants.types) : new Messages(constants.types);
    this.ledger = new Ledger(this.messages.names, archive, framingOf(plan.network));
    const disturbed = {
      blocks: (link: FaultLink) => this.faults.blocks(link),
      loses: (attempt: FaultAttempt) => this.faults.loses(attempt),
    };
    this.network = new Network({
      nodes: roles.length,
      options: plan.network,
      latency: constants.latency,
      kernel,
      streams,
      ledger: this.ledger,
      disturbed: constants.faults.some(({ entry }) => entry.blocks || entry.loses) ? disturbed : undefined,
      handlers: {
        delivered: (message) => this.actors.delivered(message),
        undelivered: (message) => this.actors.undelivered(message),
        down: (node, tasks) => this.#down(node, tasks),
        up: (node) => this.#up(node),
        ...(spans && { ended: (attempt, outcome, sent) => this.spans?.ended(attempt, outcome, sent) }),
      },
    });
    const isUp = (node: number) => this.network.isUp(node);
    this.rounds = new RoundBook({ counts: constants.counts, isUp });
    this.topology = new LiveTopology(constants.neighbors, algorithm.mixing?.(options), {
      linksAt: constants.linksAt,
      roundOf: (node) => this.rounds.of(node),
    });
    this.processors = new Processors({
      kernel,
      queue,
      speeds,
      computed: (node, name, output) => this.actors.computed(node, { name, output }),
      turned: spans && ((node, isComputing) => this.spans?.turn(node, isComputing ? 'compute' : 'wait')),
    });
    this.spans =
      spans &&
      new SpanLog(spans, {
        nodes: roles.length,
        now: () => kernel.now,
        roundOf: (node) => this.rounds.of(node),
        typeOf: (type) => this.messages.nameOf(type),
        framing: framingOf(plan.network),
      });
    const nodes = roles.map((_, id) => new NodeRuntime(this, id));
    this.actors = new Actors({ algorithm, kernel, messages: this.messages, nodes, isUp });
    this.recorder = new Recorder({
      kernel,
      queue,
      ...plan.measure,
      probes: plan.measure.probes.filter(({ entry }) => !plan.timingOnly || entry.contentFree),
      view: viewOf(this),
      modelOf: () => constants.model.spec,
      sample: rowSample(plan.measure.rows, streams),
      emit: (samples) => {
        this.ledger.auditTotals(this.network.live());
        for (const sample of samples) this.samples.push(sample);
      },
    });
    // Faults come last, since the names of their events must differ from all others.
    this.faults = new Faults({
      faults: constants.faults,
      nodes: roles.length,
      learners: plan.nodes,
      kernel,
      streams,
      network: this.network,
      slowTasks: (node, factor) => this.processors.slow(node, factor),
      members: {
        exclude: (node, until) => this.#exclude(node, until === 'for good'),
        admit: (node) => this.#admit(node),
      },
    });
  }

  /** Schedules the first events. */
  start(): void {
    for (const [to, list] of this.constants.neighbors.in.entries()) {
      for (const from of list) this.#noteChange('add', from, to);
    }
    this.faults.start();
    this.actors.init();
    this.recorder.measureNow();
  }

  /** Sender, type and bytes of a message that arrives, for the trace; undefined for any other event. */
  arrival({ kind, payload }: TraceRecord) {
    const attempt = kind === 'message-arrival' ? this.network.attempt(payload as number) : undefined;
    if (!attempt) return undefined;
    const { from, type } = attempt.message;
    return { from, type: this.messages.nameOf(type), bytes: attempt.bytes };
  }

  /** Plain data. */
  save(): WorldState {
    const { kernel, topology, rounds, ledger, network, processors, messages, actors, recorder, queue } = this;
    return {
      queue: queue.save(),
      streams: this.constants.streams.save(),
      kernel: kernel.save(),
      topology: topology.save(),
      rounds: rounds.save(),
      ledger: ledger.save(),
      network: network.save(),
      faults: this.faults.save(),
      processors: processors.save(),
      messages: messages.save(),
      actors: actors.save(),
      recorder: recorder.save(),
      spans: this.spans?.save(),
      samples: [...this.samples],
      changes: [...this.changes],
      divergences: [...this.divergences],
      stopReason: this.stopReason,
    };
  }

  /** In place of `start`: continues from what `save` returned for the same plan. */
  load(saved: WorldState): void {
    this.queue.load(saved.queue, (id) => this.#task(id));
    this.constants.streams.load(saved.streams);
    this.kernel.load(saved.kernel);
    this.topology.load(saved.topology);
    this.ledger.load(saved.ledger);
    this.network.load(saved.network);
    this.faults.load(saved.faults);
    this.rounds.load(saved.rounds);
    this.processors.load(saved.processors);
    this.messages.load(saved.messages);
    this.actors.load(saved.actors);
    this.recorder.load(saved.recorder);
    if (saved.spans) this.spans?.load(saved.spans);
    this.samples = [...saved.samples];
    this.changes = [...saved.changes];
    this.divergences = [...saved.divergences];
    this.stopReason = saved.stopReason;
  }

  /** Whether a node in this round starts no further one. */
  isLast(round: Round): boolean {
    const { after } = this.plan.stop;
    return after !== undefined && round + 1 >= after;
  }

  /** To be called when a node has ended a round. Checks its params, and returns whether it starts another round. */
  roundEnded(node: number): boolean {
    if (!this.plan.timingOnly) this.#checkParams(node);
    this.#leastMoved();
    const { after } = this.plan.stop;
    return after === undefined || this.rounds.of(node) < after;
  }

  /** To be called when a node has come from a round into another one: its neighbours may be others now. */
  roundEntered(node: number, before: Round): void {
    const round = this.rounds.of(node);
    if (!this.topology.differs(before, round)) return;
    const { after } = this.plan.stop;
    if (after !== undefined && round >= after) return;
    const old = this.topology.of(node, before).in;
    const present = this.topology.of(node, round).in;
    for (const from of old) if (!present.includes(from)) this.#noteChange('remove', from, node);
    for (const from of present) {
      const weights = [before, round].map((one) => this.topology.weight(from, node, one));
      if (!old.includes(from) || weights[0] !== weights[1]) this.#noteChange('add', from, node);
    }
  }

  /** The params that the algorithm evaluates on a node, by label; with the model where nodes have different ones. */
  evaluate(node: number): Readonly<Record<string, Evaluated>> {
    const { models, modelOf } = this.constants;
    const evaluated = this.actors.evaluate(node);
    if (models.length === 1) return evaluated;
    const { spec } = modelOf(node);
    return Object.fromEntries(
      Object.entries(evaluated).map(([label, one]) => [label, { model: spec, ...one }]),
    );
  }

  /** Adds the link from → to and notifies both ends, unless it exists already. */
  connect(from: number, to: number): void {
    if (this.topology.connect(from, to)) this.#relinked('add', from, to);
  }

  /** Removes the link from → to and notifies both ends, if it exists. */
  disconnect(from: number, to: number): void {
    if (this.topology.disconnect(from, to)) this.#relinked('remove', from, to);
  }

  /** Records the weight with which `to` mixes what `from` sends from now on; 0: not at all. Changes nothing else. */
  weigh(from: number, to: number, weight: number): void {
    const change = weight > 0 ? 'add' : 'remove';
    this.changes.push({ time: this.kernel.now, change, from, to, weight: weight > 0 ? weight : undefined });
  }

  /** Takes a node out of the lists of all others, which are notified. */
  #exclude(node: number, forGood: boolean): void {
    const others = this.rounds.all().filter((other) => other !== node);
    const lists = others.map((other) => this.topology.of(other));
    const own = this.topology.of(node).in;
    this.topology.exclude(node, forGood);
    for (const from of own) this.#noteChange('remove', from, node);
    for (const [k, other] of others.entries()) {
      const { in: incoming, out } = lists[k]!;
      if (incoming.includes(node)) this.#noteChange('remove', node, other);
      if (incoming.includes(node) || out.includes(node)) this.actors.topologyChanged([other]);
    }
  }

  /**
   * Puts a node into the lists of the next round that no learner has begun, in which it starts. Where there is no such round
   * any more, it stays away. Returns whether it is in.
   */
  #admit(node: number): boolean {
    const { after } = this.plan.stop;
    const isPlain = this.plan.topology !== undefined;
    const live = this.rounds.all().filter((other) => other < this.plan.nodes && this.network.isUp(other));
    const next = live.reduce((round, other) => Math.max(round, this.rounds.of(other) + 1), 0);
    const first = isPlain ? next : 0;
    if (after !== undefined && first >= after) return false;
    if (!this.topology.admit(node, first)) return false;
    this.rounds.set(node, first);
    for (const from of this.topology.of(node).in) this.#noteChange('add', from, node);
    return true;
  }

  #down(node: number, tasks: TaskFate): void {
    this.processors.down(node, tasks);
    this.spans?.turn(node, 'down');
    this.rounds.upChanged();
    this.actors.down(node);
    this.#leastMoved();
  }

  #up(node: number): void {
    this.spans?.turn(node, 'wait');
    this.rounds.upChanged();
    this.processors.up(node);
    this.actors.up(node);
  }

  #leastMoved(): void {
    const { least } = this.rounds;
    const { after } = this.plan.stop;
    this.recorder.roundReached(least);
    if (after !== undefined && least >= after) this.stopReason ??= 'rounds';
  }

  /** Refuses params of a wrong length; records those that are no longer finite, once per node. */
  #checkParams(node: number): void {
    const { length } = this.constants.modelOf(node);
    const round = this.rounds.of(node);
    for (const [label, { params, model }] of Object.entries(this.actors.evaluate(node))) {
      const got = isParams(params) ? lengthOfParams(params) : typeof params;
      const fits = model === undefined ? got === length : isParams(params);
      if (!fits) {
        throw new PluginError(
          `expected evaluate to return ${length} float32 params under "${label}", got ${got}`,
        );
      }
      if (areFinite(params) || this.divergences.some((divergence) => divergence.node === node)) continue;
      this.divergences.push({ node, round, time: this.kernel.now });
      if (this.plan.stop.diverged === 'stop') this.stopReason ??= 'diverged';
    }
  }

  #relinked(change: 'add' | 'remove', from: number, to: number): void {
    const { trace } = this.kernel;
    trace.mix(from, 'link: from');
    trace.mix(to, 'link: to');
    trace.mix(change === 'add' ? 1 : 0, 'link: 1 added, 0 removed');
    this.#noteChange(change, from, to);
    this.actors.topologyChanged([from, to]);
  }

  #noteChange(change: 'add' | 'remove', from: number, to: number): void {
    const weight = change === 'add' ? this.topology.weight(from, to) : undefined;
    this.changes.push({ time: this.kernel.now, change, from, to, weight });
  }

  #task(id: string): TaskDefinition<never, unknown> {
    const { entry, options } = this.plan.algorithm;
    const known = [train, evaluate, ...(entry.tasks?.(options) ?? [])];
    const task = known.find((definition) => definition.id === id);
    assert(
      task,
      `expected the task "${id}" of a saved run among the \`tasks\` of the algorithm, got ${known.map((one) => one.id).join(', ')}`,
    );
    return task as TaskDefinition<never, unknown>;
  }
}
