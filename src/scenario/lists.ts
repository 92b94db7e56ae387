/** The lists in which a scenario's names are looked up, and what a user's own entry must offer to stand in one. */
import { algorithms } from '../algorithms/index.js';
import { profiles } from '../compute/profiles.js';
import { sources, splits } from '../data/index.js';
import { probes } from '../metrics/index.js';
import { models } from '../models/index.js';
import { latencies } from '../network/latency.js';
import type { Entry } from '../options.js';
import { topologies } from '../topology/index.js';
import { codecs } from '../wire/index.js';
import { maskCodecs } from '../wire/mask-codecs.js';

/** A list of entries, and how people call it. */
export interface List {
  /** One entry, for messages: `topology`. */
  readonly what: string;
  // biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
  readonly entries: readonly Entry<any>[];
  /** Dotted names of the functions that an entry must have. */
  readonly functions: readonly string[];
}

/** Every list, by the name that `mycel list` knows it by. */
export const lists = {
  algorithms: {
    what: 'algorithm',
    entries: algorithms,
    functions: ['messages', 'init', 'on.start', 'evaluate'],
  },
  topologies: { what: 'topology', entries: topologies, functions: ['build'] },
  sources: { what: 'data source', entries: sources, functions: ['load'] },
  splits: { what: 'split', entries: splits, functions: ['split'] },
  models: { what: 'model', entries: models, functions: ['build'] },
  profiles: { what: 'compute profile', entries: profiles, functions: ['speeds'] },
  latencies: { what: 'latency', entries: latencies, functions: ['draw'] },
  codecs: { what: 'codec', entries: codecs, functions: ['create'] },
  'mask-codecs': { what: 'codec for masks', entries: maskCodecs, functions: ['create'] },
  probes: { what: 'probe', entries: probes, functions: ['measure'] },
} as const satisfies Record<string, List>;

/** Name of a list. */
export type ListName = keyof typeof lists;

/**
 * Options that choose from a list in their turn, wherever they stand: their schemas take a name, or a map with
 * `use` and the options of the entry.
 */
export const nestedLists: Readonly<Record<string, List>> = {
  codec: lists.codecs,
  latency: lists.latencies,
  // A list of them: what `mixed` deals out.
  models: { ...lists.models, entries: models.filter(({ dealt }) => !dealt) },
};
