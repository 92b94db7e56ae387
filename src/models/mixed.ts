/** Different models on different nodes. */
import { z } from 'zod';
import { choice } from '../options/index.js';
import type { ModelEntry } from './index.js';
import type { ModelSpec } from './model.js';

/** One of the models that are dealt out, with its validated options. */
interface Dealt {
  readonly use: string;
  readonly options: unknown;
}

interface MixedOptions {
  readonly models: readonly Dealt[];
}

/**
 * The entry `mixed`: node i has the model at place i modulo the length of `models`. Only algorithms that say so
 * (`mixedModels`) can be run with it.
 * @param single the models that it deals out
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export function mixed(single: readonly ModelEntry<any>[]): ModelEntry<MixedOptions> {
  const entryOf = (use: string) => single.find(({ id }) => id === use);
  const specAt = (spec: ModelSpec & { readonly options: MixedOptions }, node: number): ModelSpec => ({
    ...spec,
    ...spec.options.models[node % spec.options.models.length]!,
  });
  return {
    id: 'mixed',
    description: 'different models on different nodes, dealt out in turn',
    options: z.strictObject({
      models: z
        .array(
          choice({ what: 'model', entries: single, functions: ['build'] }).transform(
            ({ entry, options }): Dealt => ({ use: entry.id, options }),
          ),
        )
        .min(1)
        .describe('node i has the model at place i, beginning anew after the last'),
    }),
    dealt: (spec, nodes) => Array.from({ length: nodes }, (_, node) => specAt(spec, node)),
    /** That of node 0. */
    build(spec) {
      const first = specAt(spec, 0);
      return entryOf(first.use)!.build(first);
    },
  };
}
