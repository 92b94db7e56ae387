/** Walks plain data (JSON values and typed arrays), the only data that tasks and the rest of the simulator exchange. */
import { PluginError } from '../errors.js';

/** A view that holds numbers. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Calls `visit` for every typed array in `value`, depth first in the order of keys, with its path (`.params`,
 * `[2].labels`).
 *
 * @throws PluginError that names the path of a value that is neither a JSON value nor a typed array, since no worker
 * could receive it.
 */
export function visitArrays(
  value: unknown,
  visit: (array: TypedArray, path: string) => void,
  path = '',
): void {
  walk(value, visit, path);
}

/** Throws as {@link visitArrays} does. */
export function checkPlain(value: unknown, path = ''): void {
  walk(value, undefined, path);
}

/** Without a visit no paths of arrays are made. */
function walk(
  value: unknown,
  visit: ((array: TypedArray, path: string) => void) | undefined,
  path: string,
): void {
  const isDone = (item: unknown) => isPrimitive(item) || (!visit && isTypedArray(item));
  if (isDone(value)) return;
  if (isTypedArray(value)) {
    visit!(value, path);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!isDone(value[i])) walk(value[i], visit, `${path}[${i}]`);
    }
  } else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      if (!isDone(value[key])) walk(value[key], visit, `${path}.${key}`);
    }
  } else {
    throw new PluginError(
      `${path === '' ? 'the value' : path}: expected plain data (JSON values and typed arrays), got ${describe(value)}`,
    );
  }
}

/** Freezes plain data, typed arrays excepted, which cannot be, and returns it. */
export function deepFreeze<Value>(value: Value): Value {
  if (!isPrimitive(value) && !isTypedArray(value)) {
    for (const item of Object.values(value as object)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}

/** Whether plain data can never change: it was frozen with all that it holds. */
export function isDeeplyFrozen(value: unknown): boolean {
  if (isPrimitive(value)) return true;
  return (
    Object.isFrozen(value) && !isTypedArray(value) && Object.values(value as object).every(isDeeplyFrozen)
  );
}

function isPrimitive(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    typeof value === 'number' ||
    typeof value === 'string' ||
    typeof value === 'boolean'
  );
}

/** Whether a value is a view that holds numbers. */
export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value is an object of fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  return `an instance of ${(value.constructor as { name?: string } | undefined)?.name ?? 'an unnamed class'}`;
}
