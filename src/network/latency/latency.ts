/** What a model of latency is: it decides how long a byte travels between two nodes, and what else belongs to a pair of them. */
import { asPluginError, callPlugin, expectPlugin, PluginError, UsageError } from '../../errors.js';
import type { Chosen, Entry } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { MAX_BANDWIDTH } from '../sharing/arithmetic.js';

/** The ends of an attempt, and the time at which it is made. @public */
export interface LatencyLink {
  readonly from: number;
  readonly to: number;
  readonly now: Nanoseconds;
}

/** What a model of latency gets ready with. @public */
export interface LatencyContext {
  /** All nodes: learners first, then those of roles. */
  readonly nodes: number;
  readonly learners: number;
  /** Directory of the scenario, from which relative paths in options start. */
  readonly directory: string;
  /** The stream `network/latency`, for what is drawn once, such as the places of nodes. */
  readonly random: Random;
}

/** Links of a node that a model of latency knows; those that it leaves out are as `network` says. @public */
export interface NodeBandwidths {
  /** Bits per second; Infinity: unlimited. */
  readonly uplink?: BitsPerSecond | undefined;
  readonly downlink?: BitsPerSecond | undefined;
}

/** A model of latency. @public */
export interface LatencyEntry<Options, Prepared = Options> extends Entry<Options> {
  /**
   * Gets ready for one run: loads files, gives nodes their places. What it returns stands in place of the options from then
   * on. It is called again when a run is resumed, with the same draws, so it depends on nothing else than its arguments and
   * files. Throws a UsageError with the path of an option (`file`), and with file and line where a file is wrong.
   * @defaultValue the options themselves
   */
  prepare?(options: Options, context: LatencyContext): Prepared | Promise<Prepared>;
  /**
   * The latency of one attempt: whole nanoseconds of at least 0. `random` returns the random stream of the link; a model
   * without chance does not call it.
   */
  draw(prepared: Prepared, random: () => Random, link: LatencyLink): Nanoseconds;
  /** The share of attempts that a link loses, 0 … 1, besides `network.drop`. Undefined where no link loses any. */
  loss?(prepared: Prepared): ((link: LatencyLink) => number) | undefined;
  /** The bandwidths of nodes in place of `network.uplink` and `network.downlink`; `network.overrides` go before them. */
  bandwidths?(prepared: Prepared): ((node: number) => NodeBandwidths) | undefined;
}

/** Any model of latency, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyLatency = LatencyEntry<any, any>;

/** A model of latency with its options. */
type ChosenLatency = Chosen<AnyLatency>;

/** A model of latency that is ready for a run. What it returns is checked: PluginError. */
export interface LatencyModel {
  draw(random: () => Random, link: LatencyLink): Nanoseconds;
  /** Undefined where no link loses anything. */
  readonly loss: ((link: LatencyLink) => number) | undefined;
  readonly bandwidths: ((node: number) => NodeBandwidths) | undefined;
}

/** Gets a model ready for a run. Throws a UsageError at its place below `network.latency`, and PluginErrors. */
export async function prepareLatency(
  chosen: ChosenLatency,
  context: Omit<LatencyContext, 'random'> & { readonly random: () => Random },
): Promise<LatencyModel> {
  const { entry, options } = chosen;
  if (entry.prepare === undefined) return latencyModel(chosen);
  try {
    const prepared = await entry.prepare(options, { ...context, random: context.random() });
    return latencyModel(chosen, prepared);
  } catch (error) {
    if (!(error instanceof UsageError)) throw asPluginError(nameOf(entry), error);
    throw new UsageError(
      error.code,
      error.message,
      ['network.latency', error.path].filter(Boolean).join('.'),
    );
  }
}

/** A model with what it has prepared, by default its options. */
export function latencyModel({ entry, options }: ChosenLatency, prepared: unknown = options): LatencyModel {
  const what = () => nameOf(entry);
  const loss = callPlugin(what, () => entry.loss?.(prepared));
  const bandwidths = callPlugin(what, () => entry.bandwidths?.(prepared));
  return {
    draw(random, link) {
      const drawn = callPlugin(what, () => entry.draw(prepared, random, link));
      if (Number.isSafeInteger(drawn) && drawn >= 0) return drawn;
      throw new PluginError(`${what()}: expected a whole number of nanoseconds of at least 0, got ${drawn}`);
    },
    loss:
      loss &&
      ((link) => {
        const share = callPlugin(what, () => loss(link));
        expectPlugin(share >= 0 && share <= 1, what(), `a share of lost attempts from 0 to 1, got ${share}`);
        return share;
      }),
    bandwidths:
      bandwidths &&
      ((node) => {
        const links = callPlugin(what, () => bandwidths(node));
        for (const bandwidth of [links.uplink, links.downlink]) {
          const isOne =
            bandwidth === undefined || bandwidth === Number.POSITIVE_INFINITY || isWhole(bandwidth);
          expectPlugin(isOne, what(), `a whole number of bits per second from 1 to 9e12, got ${bandwidth}`);
        }
        return links;
      }),
  };
}

function isWhole(bandwidth: number): boolean {
  return Number.isInteger(bandwidth) && bandwidth >= 1 && bandwidth <= MAX_BANDWIDTH;
}

function nameOf(entry: AnyLatency): string {
  return `latency "${entry.id}"`;
}
