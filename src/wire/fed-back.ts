/**
 * Error feedback as a codec around another one: the sender adds to each vector what the encoding of the one before has left out
 * (error-feedback.ts), so that what arrives over time adds up to what was sent. Where each receiver gets a vector of its own, or one
 * at a time gets one, that is the one before to the same receiver.
 */
import { z } from 'zod';
import type { CodecMemory, VectorCodec } from './codec.js';
import type { CodecEntry } from './entry.js';
import { residual, withMemory } from './error-feedback.js';
import { sizesOf } from './sizes.js';

/** What a sender keeps: for each receiver of messages to that one alone, and together for those to several (`all`). */
type OwedTo = Readonly<Record<string, Owed>>;

interface Owed {
  /** What the last encoding has left out. */
  readonly error: Float32Array;
  /** What the other codec keeps. */
  readonly inner: unknown;
}

/** Codec whose bodies are those of `inner`, a dense codec; what is not finite is not fed back. */
export function fedBack(inner: VectorCodec): VectorCodec {
  return {
    id: `error-feedback(${inner.id})`,
    sizes: sizesOf(inner),
    encode({ values }, random, memory) {
      const owed = (memory?.value ?? {}) as OwedTo;
      const to = memory?.to?.length === 1 ? String(memory.to[0]) : 'all';
      const before = owed[to];
      const own: CodecMemory = { value: before?.inner, ...(memory?.to && { to: memory.to }) };
      const sent = withMemory(values, before?.error ?? null);
      const encoded = inner.encode({ values: sent }, random, own);
      if (memory) {
        const left = residual(sent, inner.decode(encoded.bytes, encoded.indexBytes));
        const error = left.map((value) => (Number.isFinite(value) ? value : 0));
        memory.value = { ...owed, [to]: { error, inner: own.value } } satisfies OwedTo;
      }
      return encoded;
    },
    decode: (bytes, indexBytes) => inner.decode(bytes, indexBytes),
  } as VectorCodec;
}

/** List entry of {@link fedBack}. `dense` is the option that chooses the other codec, and `create` makes it. */
export function fedBackEntry<Chosen>(
  dense: z.ZodType<Chosen>,
  create: (chosen: Chosen, vector: Parameters<CodecEntry<never>['create']>[1]) => VectorCodec,
): CodecEntry<{ readonly codec: Chosen }> {
  return {
    id: 'error-feedback',
    description: 'what another codec leaves out of a vector is added to the next one that is sent',
    reference: 'Seide et al., 1-Bit Stochastic Gradient Descent, Interspeech 2014',
    options: z.strictObject({
      codec: dense.describe('how vectors are encoded: a dense codec; for a sparse one use delta'),
    }) as unknown as z.ZodType<{ readonly codec: Chosen }>,
    create: ({ codec }, vector) => fedBack(create(codec, vector)),
  };
}
