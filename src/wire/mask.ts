/** Masks in messages: the mask itself, or its difference from a mask that the receiver has already. */
import { assert, PluginError } from '../errors.js';
import type { Codec } from './codec.js';

/**
 * A binary mask (0 and 1) to send, and a reference from which its difference can be sent: a mask that receivers have, with
 * the number, at least 1, by which they know it.
 * @public
 */
export interface MaskBody {
  readonly mask: Uint8Array;
  readonly reference?: { readonly id: number; readonly mask: Uint8Array };
}

/**
 * A mask as received: `bits` is the mask if `reference` is 0, else 1 where it differs from the mask of that number.
 * @public
 */
export interface MaskView {
  readonly reference: number;
  readonly bits: Uint8Array;
}

/** A codec of masks; one that does not send differences ignores the reference. @public */
export type MaskCodec = Codec<MaskBody, MaskView>;

/**
 * The mask that was sent; undefined if it was sent as a difference from a mask that the receiver does not have.
 * @param known - the mask of this sender that the receiver has, and its number
 */
export function maskOf(
  view: MaskView,
  known: { readonly id: number; readonly mask: Uint8Array } | undefined,
): Uint8Array | undefined {
  if (view.reference === 0) return view.bits;
  if (known?.id !== view.reference) return undefined;
  return difference(view.bits, known.mask);
}

/** 1 where two masks differ. The difference of a mask and a difference is the other mask. */
export function difference(a: Uint8Array, b: Uint8Array): Uint8Array {
  assert(a.length === b.length, `expected masks of equal length, got ${a.length} and ${b.length} elements`);
  const bits = new Uint8Array(a.length);
  for (let i = 0; i < bits.length; i++) bits[i] = a[i]! ^ b[i]!;
  return bits;
}

/** Throws a PluginError, with the codec's `id`, unless `mask` is a mask of that length. */
export function checkMask(id: string, mask: Uint8Array, length: number): void {
  if (!(mask instanceof Uint8Array) || mask.length !== length) {
    throw new PluginError(
      `codec ${id}: expected a Uint8Array of ${length} elements, got ${(mask as Uint8Array | undefined)?.length}`,
    );
  }
  const wrong = mask.findIndex((bit) => bit > 1);
  if (wrong >= 0) throw new PluginError(`codec ${id}: expected 0 or 1 at index ${wrong}, got ${mask[wrong]}`);
}
