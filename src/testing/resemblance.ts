/** Whether what a codec decoded can stand for what was encoded: all that can be said of any codec. */
import { type MaskBody, type MaskView, maskOf } from '../wire/mask.js';

/**
 * Vectors are held to their own scale, which every reasonable lossy codec keeps; a mask must come back, by its reference
 * where a difference was sent; all else must be equal.
 */
export function resembles(body: unknown, decoded: unknown): boolean {
  if (isVector(body)) return isVector(decoded) && vectorResembles(body.values, decoded);
  if (isMaskView(decoded) && isMaskBody(body)) {
    const mask = maskOf(decoded, body.reference);
    return mask !== undefined && sameItems(body.mask, mask);
  }
  if (ArrayBuffer.isView(body) || Array.isArray(body)) {
    return sameItems(body as ArrayLike<unknown>, decoded as ArrayLike<unknown> | null | undefined);
  }
  if (isObject(body)) {
    return isObject(decoded) && Object.keys(body).every((key) => resembles(body[key], decoded[key]));
  }
  return Object.is(body, decoded);
}

type Vector = { readonly values: Float32Array; readonly length?: number; readonly indices?: Uint32Array };

/** Every coordinate that came through lies within the largest absolute value of its original. */
function vectorResembles(values: Float32Array, decoded: Vector): boolean {
  if (decoded.length !== values.length) return false;
  const { indices } = decoded;
  if (!indices && decoded.values.length !== values.length) return false;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return decoded.values.every((value, k) => {
    const original = values[indices ? indices[k]! : k]!;
    return Object.is(value, original) || Math.abs(value - original) <= largest;
  });
}

function sameItems(items: ArrayLike<unknown>, decoded: ArrayLike<unknown> | null | undefined): boolean {
  return (
    decoded !== null &&
    decoded !== undefined &&
    decoded.length === items.length &&
    Array.from(items).every((item, i) => resembles(item, decoded[i]))
  );
}

function isMaskBody(value: unknown): value is MaskBody {
  return isObject(value) && value.mask instanceof Uint8Array;
}

function isMaskView(value: unknown): value is MaskView {
  return isObject(value) && value.bits instanceof Uint8Array && typeof value.reference === 'number';
}

function isVector(value: unknown): value is Vector {
  return isObject(value) && value.values instanceof Float32Array;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
