/** A graph of places with links between them, and the shortest paths in it. */
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { SlotQueue } from '../sharing/slot-queue.js';

/** A place at which nodes can be. */
export interface GraphPlace {
  readonly name: string;
  /** Other names of it, such as a label. */
  readonly labels: readonly string[];
  readonly kind?: string | undefined;
  readonly uplink?: BitsPerSecond | undefined;
  readonly downlink?: BitsPerSecond | undefined;
}

/** A link from one place to another, by their indices. */
export interface GraphLink {
  readonly from: number;
  readonly to: number;
  readonly latency: Nanoseconds;
  /** Share of the messages that are lost, 0 … 1. */
  readonly loss: number;
}

/** The way from one place to each: float64 [places] each; a latency of Infinity where there is none. */
interface Ways {
  readonly latency: Float64Array;
  readonly loss: Float64Array;
}

/** Places and directed links. A link from a place to itself is for nodes of that place, and on no other path. */
export class PlaceGraph {
  readonly places: readonly GraphPlace[];
  readonly losesAny: boolean;
  readonly #links: readonly GraphLink[];
  readonly #out: readonly (readonly GraphLink[])[];
  readonly #own = new Map<number, GraphLink>();

  constructor(places: readonly GraphPlace[], links: readonly GraphLink[]) {
    this.places = places;
    this.#links = links;
    this.losesAny = links.some(({ loss }) => loss > 0);
    const out: GraphLink[][] = places.map(() => []);
    for (const link of links) {
      if (link.from !== link.to) out[link.from]!.push(link);
      else if (!this.#own.has(link.from) || isBetter(link, this.#own.get(link.from)!))
        this.#own.set(link.from, link);
    }
    this.#out = out;
  }

  /** The same places, with every link the other way round. */
  reversed(): PlaceGraph {
    return new PlaceGraph(
      this.places,
      this.#links.map((link) => ({ ...link, from: link.to, to: link.from })),
    );
  }

  /** The link from a place to itself. */
  own(place: number): GraphLink | undefined {
    return this.#own.get(place);
  }

  /**
   * The paths of least latency from a place, by Dijkstra's algorithm; of two with the same latency the one with the smaller
   * loss. What is lost on a path is `1 − Π (1 − loss)` over its links. O((places + links) · log places).
   */
  waysFrom(source: number): Ways {
    const latency = new Float64Array(this.places.length).fill(Number.POSITIVE_INFINITY);
    const loss = new Float64Array(this.places.length);
    latency[source] = 0;
    const queue = new SlotQueue();
    queue.set(source, 0, source);
    for (let place = queue.first; place >= 0; place = queue.first) {
      queue.remove(place);
      for (const link of this.#out[place]!) {
        const way = {
          latency: latency[place]! + link.latency,
          loss: 1 - (1 - loss[place]!) * (1 - link.loss),
        };
        if (!isBetter(way, { latency: latency[link.to]!, loss: loss[link.to]! })) continue;
        latency[link.to] = way.latency;
        loss[link.to] = way.loss;
        queue.set(link.to, way.latency, link.to);
      }
    }
    return { latency, loss };
  }
}

function isBetter(a: Pick<GraphLink, 'latency' | 'loss'>, b: Pick<GraphLink, 'latency' | 'loss'>): boolean {
  return a.latency < b.latency || (a.latency === b.latency && a.loss < b.loss);
}
