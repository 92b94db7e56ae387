/** Different models on different nodes. */
import { z } from 'zod';
import { unknownName } from '../errors.js';
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
        .array(choiceFrom(single))
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

/** A name, or a map with the name in `use` and the options of the entry. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
function choiceFrom(single: readonly ModelEntry<any>[]) {
  return z
    .union([z.string(), z.looseObject({ use: z.string() })], {
      error: 'expected a model: its name, or a map with its name in "use" and its options',
    })
    .transform((given, context): Dealt => {
      const { use, ...options } = typeof given === 'string' ? { use: given } : given;
      const entry = single.find(({ id }) => id === use);
      if (!entry) {
        const { message } = unknownName(
          'model',
          use,
          single.map(({ id }) => id),
        );
        const path = typeof given === 'string' ? [] : ['use'];
        context.issues.push({ code: 'custom', message, path, input: use });
        return z.NEVER;
      }
      const parsed = entry.options.safeParse(options);
      if (parsed.success) return { use, options: parsed.data };
      // The kind of each issue stays, so that whoever reports it can point at an unknown key.
      for (const issue of parsed.error.issues) {
        context.issues.push({ ...issue, input: options } as (typeof context.issues)[number]);
      }
      return z.NEVER;
    });
}
