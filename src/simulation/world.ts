/** The parts of a run, wired together: each event goes to whom it concerns. */
import { Processors } from '../compute/processor.js';
import type { ComputeQueue, SavedQueue } from '../compute/queue.js';
import type { TaskDefinition } from '../compute/task.js';
import { assert, PluginError } from '../errors.js';
import { Kernel } from '../kernel/kernel.js';
import type { Trace, TraceRecord } from '../kernel/trace.js';
import type { Evaluated } from '../learning/algorithm.js';
import { evaluate } from '../learning/evaluate.js';
import { train } from '../learning/train.js';
import { Recorder } from '../metrics/recorder.js';
import { Faults } from '../network/faults/faults.js';
import type { TaskFate } from '../network/faults/index.js';
import { Ledger } from '../network/ledger.js';
import { Network } from '../network/network.js';
import { Actors } from './actors.js';
import type { LiveTopology } from './live-topology.js';
import { Decoder, NodeRuntime, type Services } from './node.js';
import { areFinite } from './params.js';
import type { Plan } from './plan.js';
import type { Divergence, Sample, StopReason, TopologyChange } from './result.js';
import { RoundBook } from './round-book.js';
import { liveTopology, type Setup } from './setup.js';
import { probeView } from './view.js';

/** All that a run is at a moment, save what its plan says. */
export class World {
  readonly plan: Plan;
  readonly setup: Setup;
  readonly kernel: Kernel;
  readonly queue: ComputeQueue;
  readonly topology: LiveTopology;
  readonly rounds: RoundBook;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly faults: Faults;
  readonly processors: Processors;
  readonly actors: Actors;
  readonly recorder: Recorder;
  /** Not yet handed out. */
  samples: Sample[] = [];
  changes: TopologyChange[] = [];
  diverged: Divergence[] = [];
  /** Why the run is to end; null while it goes on. */
  finished: StopReason | null = null;

  constructor(parts: { plan: Plan; setup: Setup; queue: ComputeQueue; trace: Trace }) {
    const { plan, setup, queue, trace } = parts;
    this.plan = plan;
    this.setup = setup;
    this.queue = queue;
    this.kernel = new Kernel({ trace, gates: queue });
    const { kernel } = this;
    this.topology = liveTopology(plan, setup);
    const isUp = (node: number) => this.network.isUp(node);
    this.rounds = new RoundBook({ counts: setup.counts, isUp });
    const { streams, types, roles, speeds } = setup;
    this.ledger = new Ledger(types.map(({ name }) => name));
    this.network = new Network({
      kernel,
      streams,
      nodes: roles.length,
      options: plan.network,
      ledger: this.ledger,
      handlers: {
        delivered: (message) => this.actors.delivered(message),
        undelivered: (message) => this.actors.undelivered(message),
        down: (node, tasks) => this.#down(node, tasks),
        up: (node) => this.#up(node),
      },
    });
    this.processors = new Processors({
      kernel,
      queue,
      speeds,
      computed: (node, name, output) => this.actors.computed(node, { name, output }),
    });
    const decoder = new Decoder(types);
    const services = this.#services();
    const nodes = roles.map(
      (role, id) => new NodeRuntime({ id, role, services, decoder, shard: setup.shards[id] }),
    );
    this.actors = new Actors({ algorithm: plan.algorithm.entry, kernel, decoder, types, nodes, isUp });
    this.recorder = this.#recorder();
    // Last, as names of events that are taken already are refused to faults.
    this.faults = new Faults({
      faults: plan.faults,
      nodes: roles.length,
      learners: plan.nodes,
      kernel,
      streams,
      network: this.network,
    });
  }

  /** Schedules the first events. */
  start(): void {
    for (const [to, list] of this.setup.neighbors.in.entries()) {
      for (const from of list) this.#changed('add', from, to);
    }
    this.faults.start();
    this.actors.init();
    this.recorder.measureNow();
  }

  /** What the trace says of a message that arrives; undefined for any other event. */
  arrival({ kind, payload }: TraceRecord) {
    const attempt = kind === 'message-arrival' ? this.network.attempt(payload as number) : undefined;
    if (!attempt) return undefined;
    const { from, type } = attempt.message;
    return { from, type: this.setup.types[type]!.name, bytes: attempt.bytes };
  }

  /** Plain data. */
  save() {
    const { kernel, topology, rounds, ledger, network, processors, actors, recorder, queue } = this;
    return {
      queue: queue.save(),
      streams: this.setup.streams.save(),
      kernel: kernel.save(),
      topology: topology.save(),
      rounds: rounds.save(),
      ledger: ledger.save(),
      network: network.save(),
      processors: processors.save(),
      actors: actors.save(),
      recorder: recorder.save(),
      samples: [...this.samples],
      changes: [...this.changes],
      diverged: [...this.diverged],
      finished: this.finished,
    };
  }

  /** Instead of `start`: goes on from what `save` returned for the same plan. */
  load(saved: ReturnType<World['save']>): void {
    this.queue.load(saved.queue as SavedQueue, (id) => this.#task(id));
    this.setup.streams.load(saved.streams);
    this.kernel.load(saved.kernel);
    this.topology.load(saved.topology);
    this.ledger.load(saved.ledger);
    this.network.load(saved.network);
    this.rounds.load(saved.rounds);
    this.processors.load(saved.processors);
    this.actors.load(saved.actors);
    this.recorder.load(saved.recorder);
    this.samples = [...saved.samples];
    this.changes = [...saved.changes];
    this.diverged = [...saved.diverged];
    this.finished = saved.finished;
  }

  #task(id: string): TaskDefinition<never, unknown> {
    const known = [train, evaluate, ...(this.plan.algorithm.entry.tasks ?? [])];
    const task = known.find((definition) => definition.id === id);
    assert(task, `a saved run needs the task "${id}"; the algorithm lists its own under \`tasks\``);
    return task as TaskDefinition<never, unknown>;
  }

  #services(): Services {
    const { plan, setup, rounds, topology, kernel } = this;
    return {
      nodes: plan.nodes,
      options: plan.algorithm.options,
      streams: setup.streams,
      topology,
      rounds,
      types: setup.types,
      models: setup.models,
      now: () => kernel.now,
      shared: (name) => this.#shared(name),
      initialParams: (node) => setup.initialParams(node),
      send: (message) => this.network.send(message),
      setTimer: (node, name, delay) => this.actors.setTimer(node, name, delay),
      cancelTimer: (node, name) => this.actors.cancelTimer(node, name),
      compute: (node, task, input, name) => this.processors.submit(node, task, input, name),
      isComputing: (node) => this.processors.isBusy(node),
      relink: (from, to, change) => this.#relink(from, to, change),
      weigh: (from, to, weight) => this.#weigh(from, to, weight),
      isLast: (round) => plan.stop.after !== undefined && round + 1 >= plan.stop.after,
      roundEnded: (node) => this.#roundEnded(node),
      ignored: (to, { type, from, round }) =>
        this.ledger.ignored({ type: setup.types.findIndex(({ name }) => name === type), from, to, round }),
    };
  }

  #recorder(): Recorder {
    const { plan, setup, kernel, queue } = this;
    const shards = setup.shards.map((shard) => structuredClone(shard));
    const { id, classes, train: trainRows, test } = setup.dataset;
    const truth = structuredClone(setup.dataset.truth ?? {});
    return new Recorder({
      kernel,
      queue,
      ...plan.measure,
      view: () =>
        probeView({
          time: kernel.now,
          round: this.rounds.least,
          dataset: { id, classes, train: trainRows, test, truth },
          traffic: trafficOf(this.ledger),
          model: setup.model.spec,
          roles: setup.roles,
          shards,
          evaluate: (node) => this.#evaluate(node),
          measure: (node) => this.actors.measure(node),
          roundOf: (node) => this.rounds.of(node),
          isUp: (node) => this.network.isUp(node),
          busy: (node) => ({ compute: this.processors.busy(node), ...this.network.busy(node) }),
        }),
      modelOf: () => setup.model.spec,
      emit: (samples) => {
        this.ledger.auditTotals(this.network.live());
        for (const sample of samples) this.samples.push(sample);
      },
    });
  }

  /** Checks what the node has come to, and says whether it is to go on. */
  #roundEnded(node: number): boolean {
    this.#check(node);
    this.#leastMoved();
    const { after } = this.plan.stop;
    return after === undefined || this.rounds.of(node) < after;
  }

  #leastMoved(): void {
    const { least } = this.rounds;
    const { after } = this.plan.stop;
    this.recorder.roundReached(least);
    if (after !== undefined && least >= after) this.finished ??= 'rounds';
  }

  /** What probes evaluate; it says with which model where nodes have different ones. */
  #evaluate(node: number): Readonly<Record<string, Evaluated>> {
    const { models, modelOf } = this.setup;
    const evaluated = this.actors.evaluate(node);
    if (models.length === 1) return evaluated;
    const { spec } = modelOf(node);
    return Object.fromEntries(
      Object.entries(evaluated).map(([label, one]) => [label, { model: spec, ...one }]),
    );
  }

  /** Refuses params of a wrong length; reports those that are no longer finite, once a node. */
  #check(node: number): void {
    const { length } = this.setup.modelOf(node);
    const round = this.rounds.of(node);
    for (const [label, { params, model }] of Object.entries(this.actors.evaluate(node))) {
      const fits = params instanceof Float32Array && (model !== undefined || params.length === length);
      if (!fits) {
        const got = params instanceof Float32Array ? params.length : typeof params;
        throw new PluginError(`expected ${length} float32 params under "${label}" from evaluate, got ${got}`);
      }
      if (areFinite(params) || this.diverged.some((divergence) => divergence.node === node)) continue;
      this.diverged.push({ node, round, time: this.kernel.now });
      if (this.plan.stop.diverged === 'stop') this.finished ??= 'diverged';
    }
  }

  #down(node: number, tasks: TaskFate): void {
    this.processors.down(node, tasks);
    this.rounds.upChanged();
    this.actors.down(node);
    this.#leastMoved();
  }

  #up(node: number): void {
    this.rounds.upChanged();
    this.processors.up(node);
    this.actors.up(node);
  }

  #relink(from: number, to: number, change: 'add' | 'remove'): void {
    const done = change === 'add' ? this.topology.connect(from, to) : this.topology.disconnect(from, to);
    if (!done) return;
    for (const number of [from, to, change === 'add' ? 1 : 0]) this.kernel.trace.mix(number);
    this.#changed(change, from, to);
    this.actors.topologyChanged([from, to]);
  }

  #weigh(from: number, to: number, weight: number): void {
    const change = weight > 0 ? 'add' : 'remove';
    this.changes.push({ time: this.kernel.now, change, from, to, weight: weight > 0 ? weight : undefined });
  }

  #changed(change: 'add' | 'remove', from: number, to: number): void {
    const weight = change === 'add' ? this.topology.weight(from, to) : undefined;
    this.changes.push({ time: this.kernel.now, change, from, to, weight });
  }

  #shared(name: string): unknown {
    const known: Readonly<Record<string, unknown>> = { ...this.setup.constants, dataset: this.setup.dataset };
    if (Object.hasOwn(known, name)) return known[name];
    throw new PluginError(`unknown shared constant "${name}"; known: ${Object.keys(known).join(', ')}`);
  }
}

function trafficOf(ledger: Ledger) {
  const { bytes, parts } = ledger.totals();
  return { ...parts, sent: bytes.sent, delivered: bytes.delivered };
}
