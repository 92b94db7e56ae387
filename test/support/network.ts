/** Helpers of the tests of the network: a network on its own kernel, with a list of sends and faults. */
import { Kernel } from '../../src/kernel/kernel.js';
import { Trace } from '../../src/kernel/trace.js';
import { Faults } from '../../src/network/faults/faults.js';
import { faultList } from '../../src/network/faults/index.js';
import { type ChosenFault, checkFaults, prepareFaults } from '../../src/network/faults/ready.js';
import { type LatencyModel, latencyModel } from '../../src/network/latency/index.js';
import { Ledger } from '../../src/network/ledger.js';
import type { NetworkMessage } from '../../src/network/message.js';
import { Network } from '../../src/network/network.js';
import { framingOf, networkOptions } from '../../src/network/options.js';
import { listSharedLinks, sharedLinksOf } from '../../src/network/zones.js';
import { choice } from '../../src/options/index.js';
import { Streams } from '../../src/random.js';
import type { ChecksummedBody } from '../../src/wire/header.js';

/** A message that is sent at a given time if its sender is up then. `bytes` is the whole message, header included. */
interface Send {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly bytes?: number;
  readonly reliable?: boolean;
  readonly round?: number;
  readonly type?: number;
}

/** The parts of a rig; texts as in a scenario. */
export interface RigParts {
  readonly nodes: number;
  readonly sends?: readonly Send[];
  readonly network?: Record<string, unknown>;
  /** The model of latency, where it has to get ready. */
  readonly latency?: LatencyModel;
  readonly faults?: readonly Record<string, unknown>[];
  /** Faults that have got ready, in place of `faults`. */
  readonly ready?: readonly ChosenFault[];
  readonly seed?: number;
  /** What the network reports to instead of the ledger itself. */
  readonly bookkeeper?: (ledger: Ledger) => Ledger;
}

/** A body of that many bytes, of which the first `index` are index. */
export function bodyOf(bytes: number, index = 0): ChecksummedBody {
  return {
    bytes: new Uint8Array(bytes),
    indexBytes: index,
    valuesBytes: bytes - index,
    headerBytes: 0,
    crc32: bytes,
  };
}

const IDEAL = { latency: { use: 'constant', value: '0ms' }, uplink: 'unlimited', downlink: 'unlimited' };

/** What the parts of a rig save. */
interface RigState {
  readonly kernel: ReturnType<Kernel['save']>;
  readonly streams: ReturnType<Streams['save']>;
  readonly ledger: ReturnType<Ledger['save']>;
  readonly network: ReturnType<Network['save']>;
  readonly faults: ReturnType<Faults['save']>;
}

/** A network under test. `log` has one line for each report to the layer above: `28000000 delivered 0>1 #0`. */
export class Rig {
  readonly kernel = new Kernel({ trace: new Trace() });
  readonly ledger: Ledger;
  readonly streams: Streams;
  readonly network: Network;
  readonly faults: Faults;
  readonly log: string[] = [];
  readonly #sends: readonly Send[];
  readonly #kind: number;

  constructor(parts: RigParts) {
    const { kernel } = this;
    const nodes = parts.nodes;
    this.streams = new Streams(parts.seed ?? 1);
    this.#sends = parts.sends ?? [];
    this.#kind = kernel.kind('test-send', (event) => this.send(this.#sends[event.payload]!));
    const options = networkOptions.parse({ ...IDEAL, ...parts.network });
    this.ledger = new Ledger(['model', 'control'], undefined, framingOf(options));
    const say = (what: string, { from, to, sequence }: NetworkMessage) =>
      void this.log.push(`${kernel.now} ${what} ${from}>${to} #${sequence}`);
    this.network = new Network({
      nodes,
      options,
      latency: parts.latency ?? latencyModel(options.latency),
      kernel,
      streams: this.streams,
      ledger: parts.bookkeeper?.(this.ledger) ?? this.ledger,
      disturbed: {
        blocks: (link) => this.faults.blocks(link),
        loses: (attempt) => this.faults.loses(attempt),
      },
      handlers: {
        delivered: (message) => say('delivered', message),
        undelivered: (message) => say('undelivered', message),
        down: (node, task) => void this.log.push(`${kernel.now} down ${node} ${task}`),
        up: (node) => void this.log.push(`${kernel.now} up ${node}`),
      },
    });
    const faults = parts.ready ?? (parts.faults ?? []).map((fault) => choice(faultList).parse(fault));
    if (parts.ready === undefined) checkFaults(faults, { nodes, learners: nodes });
    const { network, streams } = this;
    const slowTasks = (node: number, factor: number) =>
      void this.log.push(`${kernel.now} tasks of ${node} take ${factor} times as long`);
    this.faults = new Faults({ faults, nodes, learners: nodes, kernel, streams, network, slowTasks });
  }

  /** Schedules the faults and the sends. */
  start(): this {
    this.faults.start();
    for (const [index, { at, from }] of this.#sends.entries()) {
      this.kernel.schedule({ time: at, kind: this.#kind, target: from, payload: index });
    }
    return this;
  }

  send({ from, to, bytes = 1000, reliable = false, round = 0, type = 0 }: Send): void {
    if (this.network.isUp(from))
      this.network.send({ from, to, type, round, reliable, body: bodyOf(bytes - 32) });
  }

  save(): RigState {
    const { kernel, streams, ledger, network, faults } = this;
    return {
      kernel: kernel.save(),
      streams: streams.save(),
      ledger: ledger.save(),
      network: network.save(),
      faults: faults.save(),
    };
  }

  load(saved: RigState): this {
    this.streams.load(saved.streams);
    this.kernel.load(saved.kernel);
    this.ledger.load(saved.ledger);
    this.network.load(saved.network);
    this.faults.load(saved.faults);
    return this;
  }
}

/** Faults as in a scenario, checked and ready for a run. */
export async function readyFaults(
  faults: readonly Record<string, unknown>[],
  context: {
    readonly nodes: number;
    readonly directory?: string;
    readonly network?: Record<string, unknown>;
  },
): Promise<readonly ChosenFault[]> {
  const { nodes, directory = '.', network } = context;
  const options = networkOptions.parse({ ...IDEAL, ...network });
  const sharedLinks = listSharedLinks(sharedLinksOf(options, nodes));
  const chosen = faults.map((fault) => choice(faultList).parse(fault));
  checkFaults(chosen, { nodes, learners: nodes });
  return prepareFaults(chosen, { nodes, learners: nodes, directory, sharedLinks });
}

/** Runs a rig to its end, audited before every event; returns its log. */
export async function logOf(parts: RigParts, until?: number): Promise<string[]> {
  const rig = new Rig(parts).start();
  await runAudited(rig, until);
  return rig.log;
}

/** Runs a rig, audited before every event and at the end. */
export async function runAudited(rig: Rig, until?: number): Promise<void> {
  const stop = (): boolean => {
    rig.network.audit();
    return false;
  };
  await rig.kernel.run(until === undefined ? { stop } : { stop, until });
  rig.network.audit();
}
