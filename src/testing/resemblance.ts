/**
 * Whether a decoded body is close enough to the encoded one: the most that holds for every codec, lossy ones included.
 */
import { type MaskBody, type MaskView, maskOf } from '../wire/mask.js';

/**
 * A number of a vector may be off by the largest absolute value of the vector, a bound that every reasonable lossy codec
 * keeps. A mask must come back exactly, with the help of its reference where a difference was sent. All else must be
 * equal.
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

/** Every decoded coordinate differs from its original by at most the largest absolute value of the vector. */
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
