/** Masks that travel: as they are, or as their difference from one that the receiver has already. */
import { assert, PluginError } from '../errors.js';
import type { Codec } from './codec.js';

/**
 * A binary mask (0 and 1) to be sent, and what its difference could be taken from: a mask that receivers have, with a
 * number of 1 or more that they know it by.
 */
export interface MaskBody {
  readonly mask: Uint8Array;
  readonly reference?: { readonly id: number; readonly mask: Uint8Array };
}

/** A mask as received: itself where `reference` is 0, else what differs (1) from the mask of that number. */
export interface MaskView {
  readonly reference: number;
  readonly bits: Uint8Array;
}

/** A codec of masks; those without differences leave the reference alone. */
export type MaskCodec = Codec<MaskBody, MaskView>;

/**
 * The mask that was sent, or undefined where the receiver is out of step: it does not have the mask that the difference was
 * taken from.
 * @param known the mask of this sender that the receiver has, and its number
 */
export function maskOf(
  view: MaskView,
  known: { readonly id: number; readonly mask: Uint8Array } | undefined,
): Uint8Array | undefined {
  if (view.reference === 0) return view.bits;
  if (known?.id !== view.reference) return undefined;
  return difference(view.bits, known.mask);
}

/** 1 where two masks differ; also what turns the one and the difference into the other. */
export function difference(a: Uint8Array, b: Uint8Array): Uint8Array {
  assert(a.length === b.length, `masks of ${a.length} and ${b.length} elements cannot be compared`);
  const bits = new Uint8Array(a.length);
  for (let i = 0; i < bits.length; i++) bits[i] = a[i]! ^ b[i]!;
  return bits;
}

/** Throws a PluginError unless it is a mask of that length. */
export function checkMask(id: string, mask: Uint8Array, length: number): void {
  if (!(mask instanceof Uint8Array) || mask.length !== length) {
    throw new PluginError(
      `codec ${id}: expected a Uint8Array of ${length} elements, got ${(mask as Uint8Array | undefined)?.length}`,
    );
  }
  const wrong = mask.findIndex((bit) => bit > 1);
  if (wrong >= 0) throw new PluginError(`codec ${id}: expected 0 or 1 at ${wrong}, got ${mask[wrong]}`);
}
