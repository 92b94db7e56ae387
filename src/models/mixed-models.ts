/** Different models on different nodes. */
import { z } from 'zod';
import type { List } from '../options/index.js';
import type { ModelEntry, ModelSpec } from './model.js';
import { entryOf, type Reference, referenceOption } from './references.js';

interface MixedModelsOptions {
  readonly models: readonly Reference[];
}

type MixedModelsSpec = ModelSpec & { readonly options: MixedModelsOptions };

/**
 * The entry `mixed`: node i has the model at place i modulo the length of `models`. Only algorithms with
 * `mixedModels: true` can be run with it.
 * @param single the models that can stand in `models`
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export function mixedModels(single: List<ModelEntry<any>>): ModelEntry<MixedModelsOptions> {
  const specAt = ({ input, classes, options }: MixedModelsSpec, node: number): ModelSpec => ({
    ...options.models[node % options.models.length]!,
    input,
    classes,
  });
  return {
    id: 'mixed',
    description: 'different models on different nodes, assigned in turn',
    options: z.strictObject({
      models: z
        .array(referenceOption(single))
        .min(1)
        .describe('node i has the model at place i; after the last model the list starts again'),
    }),
    perNode: (spec, nodes) => Array.from({ length: nodes }, (_, node) => specAt(spec, node)),
    /** The model of node 0. */
    build(spec) {
      const first = specAt(spec, 0);
      return entryOf(single, first).build(first);
    },
  };
}
