/** Masks, and differences from masks sent before, in adaptive arithmetic coding with a model of the bits of each layer. */
import { PluginError } from '../errors.js';
import { ArithmeticDecoder, ArithmeticEncoder, BitModel } from './arithmetic-coder.js';
import { CorruptBodyError } from './codec.js';
import { checkMask, difference, type MaskCodec } from './mask.js';

/** Bytes of the number of a reference mask. */
const ID_BYTES = 4;

/**
 * Codec of the mask itself, for layers of so many elements: about d·H₂(r)/8 bytes of values for a layer of d elements of
 * which the share r is 1. H₂ is the binary entropy in bits.
 */
export function entropyMask(layers: readonly number[]): MaskCodec {
  const id = `entropy-mask(${layers.join(', ')})`;
  const length = total(layers);
  return {
    id,
    encode({ mask }) {
      checkMask(id, mask, length);
      const bytes = compress(mask, layers);
      return { bytes, indexBytes: 0, valuesBytes: bytes.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      if (indexBytes !== 0)
        throw new CorruptBodyError(`codec ${id}: expected no index part, got ${indexBytes} B`);
      return { reference: 0, bits: decompress(id, bytes, layers) };
    },
  };
}

/**
 * Codec of the difference from the reference mask, coded as in {@link entropyMask}, then the number of the reference (u32,
 * header part). Without a reference the number is 0, and the mask itself is coded.
 */
export function differenceMask(layers: readonly number[]): MaskCodec {
  const id = `difference-mask(${layers.join(', ')})`;
  const length = total(layers);
  return {
    id,
    encode({ mask, reference }) {
      checkMask(id, mask, length);
      if (reference) checkReference(id, reference, length);
      const values = compress(reference ? difference(mask, reference.mask) : mask, layers);
      const bytes = new Uint8Array(values.length + ID_BYTES);
      bytes.set(values);
      new DataView(bytes.buffer).setUint32(values.length, reference?.id ?? 0, true);
      return { bytes, indexBytes: 0, valuesBytes: values.length, headerBytes: ID_BYTES };
    },
    decode(bytes, indexBytes) {
      if (indexBytes !== 0 || bytes.length < ID_BYTES) {
        throw new CorruptBodyError(
          `codec ${id}: expected no index part and at least ${ID_BYTES} B, got ${bytes.length} B, ${indexBytes} B of them index`,
        );
      }
      const end = bytes.length - ID_BYTES;
      const reference = new DataView(bytes.buffer, bytes.byteOffset + end, ID_BYTES).getUint32(0, true);
      return { reference, bits: decompress(id, bytes.subarray(0, end), layers) };
    },
  };
}

function compress(mask: Uint8Array, layers: readonly number[]): Uint8Array {
  const encoder = new ArithmeticEncoder();
  let place = 0;
  for (const layer of layers) {
    const model = new BitModel();
    for (const end = place + layer; place < end; place++) encoder.encode(mask[place]!, model);
  }
  return encoder.finish();
}

/** Throws CorruptBodyError unless encoding the decoded mask gives the same bytes: they are truncated, longer or damaged. */
function decompress(id: string, bytes: Uint8Array, layers: readonly number[]): Uint8Array {
  const mask = new Uint8Array(total(layers));
  const decoder = new ArithmeticDecoder(bytes);
  let place = 0;
  for (const layer of layers) {
    const model = new BitModel();
    for (const end = place + layer; place < end; place++) mask[place] = decoder.decode(model);
  }
  const again = compress(mask, layers);
  if (again.length !== bytes.length || again.some((byte, k) => byte !== bytes[k])) {
    throw new CorruptBodyError(
      `codec ${id}: expected an encoded mask, got ${bytes.length} B that no mask is encoded to`,
    );
  }
  return mask;
}

function checkReference(id: string, reference: { id: number; mask: Uint8Array }, length: number): void {
  checkMask(id, reference.mask, length);
  if (Number.isInteger(reference.id) && reference.id >= 1 && reference.id < 2 ** 32) return;
  throw new PluginError(
    `codec ${id}: expected a reference with a number from 1 to 2³² − 1, got ${reference.id}`,
  );
}

function total(layers: readonly number[]): number {
  return layers.reduce((sum, layer) => sum + layer, 0);
}
