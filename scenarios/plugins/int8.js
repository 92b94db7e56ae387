/**
 * int8: every coordinate as a whole number from −127 to 127, times one scale for the whole vector: params + 4 bytes, a
 * quarter of float32. A coordinate changes by half a scale at most. A vector with a number that is not finite arrives as
 * NaN everywhere, so that it is noticed.
 */
import { CorruptBodyError, z } from 'mycel/plugin';

const MOST = 127;
/** The largest float32: a coordinate near it must not be rounded to infinity. */
const LARGEST = 2 ** 127 * (2 - 2 ** -23);

export default {
  id: 'int8',
  description: 'every coordinate as a whole number of 8 bits, with one scale for the vector',
  options: z.strictObject({}),
  // Receivers get every coordinate. A codec that leaves some out says `sparse: true`, and decodes to `indices` too.
  create: (_options, { length }) => ({
    id: 'int8',
    encode({ values }) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // float32, as it is sent; NaN if a value is.
      const scale = Math.fround(Number.isFinite(largest) ? largest / MOST : Number.NaN);
      const bytes = new Uint8Array(4 + length);
      const view = new DataView(bytes.buffer);
      view.setFloat32(0, scale, true);
      for (const [i, value] of values.entries()) {
        const whole = scale > 0 ? Math.round(value / scale) : 0;
        view.setInt8(4 + i, Math.max(-MOST, Math.min(MOST, whole)));
      }
      // What the bytes are for: the ledger counts them by part. The scale belongs to the numbers.
      return { bytes, indexBytes: 0, valuesBytes: bytes.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      // What `encode` cannot have written is refused, and never read past its end.
      if (bytes.length !== 4 + length || indexBytes !== 0) {
        throw new CorruptBodyError(`int8: expected ${4 + length} bytes, got ${bytes.length}`);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const scale = view.getFloat32(0, true);
      const number = (_, i) => Math.max(-LARGEST, Math.min(LARGEST, scale * view.getInt8(4 + i)));
      return { length, values: Float32Array.from({ length }, number) };
    },
  }),
};
