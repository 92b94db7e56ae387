/** Codecs of control messages, whose bodies are empty or have a few numbers. */
import { assert, PluginError } from '../errors.js';
import type { Bytes } from '../units.js';
import { CorruptBodyError, type EncodedBody } from './codec.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths } from './vector.js';

/** Codec of a message without content: 0 bytes, the body is null. @public */
export const empty: SizedCodec<null> = {
  id: 'empty',
  sizes: { index: 0, values: 0, header: 0 },
  encode(body) {
    if (body !== null)
      throw new PluginError(`codec empty: expected null as body, got ${String(body)}; send null`);
    return { bytes: new Uint8Array(0), indexBytes: 0, valuesBytes: 0, headerBytes: 0 };
  },
  decode(bytes, indexBytes) {
    checkLengths('empty', { bytes, indexBytes }, { bytes: 0, indexBytes: 0 });
    return null;
  },
};

/** How a number is written: IEEE binary64 (every NaN as 0x7FF8000000000000), or an unsigned 32-bit whole number. */
type NumberForm = 'float64' | 'u32';

/** The part that the bytes of numbers belong to: `values` (what is learned or measured) or `header` (tags, counts). */
type NumberPart = 'values' | 'header';

/** Codec of exactly `length` numbers: 8 (`float64`) or 4 (`u32`) bytes each, little endian. @public */
export function numbers(
  form: NumberForm,
  length: number,
  part: NumberPart = 'values',
): SizedCodec<readonly number[]> {
  assert(
    Number.isInteger(length) && length >= 0,
    `numbers: expected a length that is a whole number of at least 0, got ${length}`,
  );
  const id = `${form}[${length}]`;
  const width = form === 'float64' ? 8 : 4;
  const size = length * width;
  return {
    id,
    sizes: sizesOfPart(part, size),
    encode(body) {
      if (body.length !== length) {
        throw new PluginError(`codec ${id}: expected ${length} numbers, got ${body.length}`);
      }
      const bytes = new Uint8Array(size);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < length; i++) writeNumber(view, i * width, form, body[i]!);
      return encodedPart(part, bytes);
    },
    decode(bytes, indexBytes) {
      checkLengths(id, { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const view = new DataView(bytes.buffer, bytes.byteOffset, size);
      return Array.from({ length }, (_, i) => readNumber(view, i * width, form));
    },
  };
}

/** Codec of one number, as {@link numbers} with length 1, but its body is the number itself. @public */
export function number(form: NumberForm, part: NumberPart = 'values'): SizedCodec<number> {
  const one = numbers(form, 1, part);
  return {
    id: form,
    sizes: one.sizes,
    encode: (body, random) => one.encode([body], random),
    decode: (bytes, indexBytes) => one.decode(bytes, indexBytes)[0]!,
  };
}

function sizesOfPart(part: NumberPart, size: Bytes) {
  return { index: 0, values: part === 'values' ? size : 0, header: part === 'header' ? size : 0 };
}

function encodedPart(part: NumberPart, bytes: Uint8Array): EncodedBody {
  const sizes = sizesOfPart(part, bytes.length);
  return { bytes, indexBytes: 0, valuesBytes: sizes.values, headerBytes: sizes.header };
}

function writeNumber(view: DataView, offset: number, form: NumberForm, value: number): void {
  if (form === 'u32') {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new PluginError(`codec u32: expected a whole number from 0 to 4294967295, got ${value}`);
    }
    view.setUint32(offset, value, true);
  } else if (typeof value !== 'number') {
    throw new PluginError(`codec float64: expected a number, got ${String(value)}`);
  } else if (Number.isNaN(value)) {
    // JavaScript leaves the bits of a NaN open, so they are written here.
    view.setUint32(offset, 0, true);
    view.setUint32(offset + 4, 0x7ff80000, true);
  } else {
    view.setFloat64(offset, value, true);
  }
}

function readNumber(view: DataView, offset: number, form: NumberForm): number {
  if (form === 'u32') return view.getUint32(offset, true);
  const value = view.getFloat64(offset, true);
  if (Number.isNaN(value)) {
    const low = view.getUint32(offset, true);
    const high = view.getUint32(offset + 4, true);
    if (low !== 0 || high !== 0x7ff80000) {
      throw new CorruptBodyError('float64: expected 0x7ff8000000000000 as the only NaN, got another');
    }
  }
  return value;
}
