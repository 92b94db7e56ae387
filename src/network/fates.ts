/** What is drawn for an attempt when it is made: how long it travels, and whether it is lost on the way. */
import type { Random, Streams } from '../random.js';
import type { Nanoseconds } from '../units.js';
import type { FaultAttempt } from './faults/fault.js';
import type { LatencyLink, LatencyModel } from './latency/index.js';

/** What fates depend on. */
interface FateParts {
  /** All nodes, roles included. */
  readonly nodes: number;
  readonly latency: LatencyModel;
  /** Share of the attempts that are lost everywhere. */
  readonly drop: number;
  readonly streams: Streams;
  /** Whether a fault loses an attempt. Asked once for each. */
  readonly loses: (attempt: FaultAttempt) => boolean;
}

/** Draws for each link from streams of its own, so that what happens on one link changes nothing on another. */
export class Fates {
  readonly #parts: FateParts;
  readonly #latencyStreams = new Map<number, Random>();
  readonly #dropStreams = new Map<number, Random>();

  constructor(parts: FateParts) {
    this.#parts = parts;
  }

  /** Draws how long an attempt travels that is made now. */
  latency(link: LatencyLink): Nanoseconds {
    return this.#parts.latency.draw(() => this.#stream(this.#latencyStreams, 'latency', link), link);
  }

  /** Draws whether an attempt is lost: everywhere alike, by its own link, or by a fault. */
  isLost(attempt: FaultAttempt): boolean {
    const { drop, latency, loses } = this.#parts;
    const own = latency.loss?.(attempt) ?? 0;
    const share = own === 0 ? drop : 1 - (1 - drop) * (1 - own);
    const isDropped = share > 0 && this.#stream(this.#dropStreams, 'drop', attempt).uniform() < share;
    return loses(attempt) || isDropped;
  }

  #stream(streams: Map<number, Random>, purpose: string, { from, to }: LatencyLink): Random {
    const link = from * this.#parts.nodes + to;
    let stream = streams.get(link);
    if (stream === undefined) {
      stream = this.#parts.streams.stream(`link ${from}>${to}/${purpose}`);
      streams.set(link, stream);
    }
    return stream;
  }
}
