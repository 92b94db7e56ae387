/** A vector in parts that follow each other, each with a codec of its own: several models in one message, say. */
import type { VectorBody, VectorCodec, VectorView } from './codec.js';
import { record } from './record.js';
import type { SizedCodec } from './sizes.js';

/** A part: its length, and the codec of vectors of that length, which must decode to dense ones. */
interface Part {
  readonly length: number;
  readonly codec: VectorCodec;
}

/** Codec of vectors of Σ length numbers: a {@link record} with a field for each part, so each codec keeps what is its own. */
export function inParts(parts: readonly Part[]): SizedCodec<VectorBody, VectorView> {
  const inner = record(Object.fromEntries(parts.map(({ codec }, k) => [`part ${k + 1}`, codec])));
  const starts: number[] = [];
  let end = 0;
  for (const { length } of parts) {
    starts.push(end);
    end += length;
  }
  return {
    id: `parts(${parts.map(({ codec }) => codec.id).join(', ')})`,
    sizes: inner.sizes,
    ...(inner.remembers && { remembers: true }),
    encode({ values }, random, memory) {
      const fields = parts.map(({ length }, k): [string, VectorBody] => [
        `part ${k + 1}`,
        { values: values.subarray(starts[k]!, starts[k]! + length) },
      ]);
      return inner.encode(Object.fromEntries(fields), random, memory);
    },
    decode(bytes, indexBytes, memory) {
      const decoded = inner.decode(bytes, indexBytes, memory);
      const values = new Float32Array(end);
      for (const k of parts.keys()) values.set(decoded[`part ${k + 1}`]!.values, starts[k]);
      return { length: end, values };
    },
  };
}
