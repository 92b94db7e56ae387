/** The list of codecs for vectors, and how an algorithm's options choose from it. */
import { z } from 'zod';
import { assert, callPlugin, unknownName } from '../errors.js';
import type { VectorCodec } from './codec.js';
import type { CodecEntry } from './entry.js';
import { float16Entry } from './float16.js';
import { float32Entry } from './float32.js';
import { topKEntry } from './top-k.js';

export type { CodecEntry } from './entry.js';

/** Every codec that a scenario can name. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const codecs: readonly CodecEntry<any>[] = [float32Entry, float16Entry, topKEntry];

/** A codec that was chosen, with its validated options. */
export interface ChosenCodec {
  /** Id in {@link codecs}, or a codec of the user's own. */
  // biome-ignore lint/suspicious/noExplicitAny: entries differ in their options.
  readonly entry: string | CodecEntry<any>;
  readonly options: unknown;
}

interface OwnCodec {
  // biome-ignore lint/suspicious/noExplicitAny: entries differ in their options.
  readonly use: CodecEntry<any>;
  readonly options: unknown;
}

const ownCodec = z
  .looseObject({ use: z.any(), options: z.unknown() })
  .refine(isOwn, { abort: true })
  .transform((given) => given as unknown as OwnCodec);

function isOwn(given: unknown): given is OwnCodec {
  return typeof (given as Partial<OwnCodec>).use?.create === 'function';
}

/**
 * Zod schema for an algorithm's `codec` option: `float16`, or `{ use: top-k, fraction: 10% }`. A codec of the user's
 * own is `{ use: entry, options }`, with options that are validated already.
 * @defaultValue `float32`
 */
export function codecOption() {
  return z
    .union([z.string(), z.looseObject({ use: z.string() }), ownCodec], {
      error: 'expected a codec: its name, or an object with its name in "use" and its options',
    })
    .transform((given, context): ChosenCodec => {
      if (isOwn(given)) return { entry: given.use, options: given.options };
      const { use, ...options } = typeof given === 'string' ? { use: given } : given;
      const entry = codecs.find(({ id }) => id === use);
      if (!entry) {
        const { message } = unknownName(
          'codec',
          use,
          codecs.map(({ id }) => id),
        );
        const path = typeof given === 'string' ? [] : ['use'];
        context.issues.push({ code: 'custom', message, path, input: use });
        return z.NEVER;
      }
      const parsed = entry.options.safeParse(options);
      if (parsed.success) return { entry: entry.id, options: parsed.data };
      // The kind of each issue stays, so that whoever reports it can point at an unknown key.
      for (const issue of parsed.error.issues) {
        context.issues.push({ ...issue, input: options } as (typeof context.issues)[number]);
      }
      return z.NEVER;
    })
    .prefault('float32')
    .describe('how vectors are encoded: the name of a codec, or { use: name, …options }');
}

/** As {@link codecOption}, without the codecs that leave coordinates out: for whoever needs whole vectors. */
export function denseCodecOption() {
  return codecOption().refine(({ entry }) => entry !== 'top-k', {
    error: 'expected a dense codec (float32 or float16): whole vectors are needed',
  });
}

/** The codec that was chosen, for vectors of `length` coordinates. Throws UsageError where its options do not fit. */
export function createCodec(chosen: ChosenCodec, vector: { readonly length: number }): VectorCodec {
  if (typeof chosen.entry !== 'string') return createOwn(chosen.entry, chosen.options, vector);
  const entry = codecs.find(({ id }) => id === chosen.entry);
  assert(entry, `codec "${chosen.entry}" was chosen but is not in the list`);
  return entry.create(chosen.options, vector);
}

/** What the user's codec throws is a PluginError that names it. */
function createOwn(
  entry: CodecEntry<unknown>,
  options: unknown,
  vector: { readonly length: number },
): VectorCodec {
  const what = `codec "${entry.id}"`;
  const codec = callPlugin(what, () => entry.create(options, vector));
  return {
    id: codec.id,
    encode: (body, random) => callPlugin(what, () => codec.encode(body, random)),
    decode: (bytes, indexBytes) => callPlugin(what, () => codec.decode(bytes, indexBytes)),
  };
}
