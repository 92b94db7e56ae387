/**
 * Plain data on its way between threads that share the memory of the kernels: an array that lies there goes by its
 * address, so that nothing is copied.
 */
import type { Arena } from '../numeric/arena.js';
import type { Kept } from '../numeric/machine.js';
import type { MemoryArray, Resident, Use } from '../numeric/resident.js';
import { isRecord, isTypedArray, type TypedArray } from './plain-data.js';

/** Arrays that may lie in the memory of the kernels. */
const KINDS = [Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array] as const;

/** The key of an object that stands for an array: its kind, address and length, and whether it is known to be finite. */
const AT = 'mycel:at';

type Standing = {
  readonly [AT]: readonly [kind: number, address: number, length: number, finite: boolean];
};

function kindOf(array: TypedArray): number {
  return KINDS.indexOf(array.constructor as (typeof KINDS)[number]);
}

/**
 * Input of a task for another thread. `uses` are to be released when the task is done. Arrays must be frozen by now.
 */
export function encodeInput(value: unknown, resident: Resident): { value: unknown; uses: Use[] } {
  const uses: Use[] = [];
  const encoded = mapArrays(value, (array) => {
    const kind = kindOf(array);
    const use = kind < 0 ? undefined : resident.hold(array as MemoryArray);
    if (!use) return ownPart(array);
    uses.push(use);
    return { [AT]: [kind, use.address, array.length, false] } satisfies Standing;
  });
  return { value: encoded, uses };
}

/** The inverse of {@link encodeInput} and of {@link encodeOutput}, with views on the arena. */
export function decodeShared(value: unknown, arena: Arena): unknown {
  return decode(value, (kind, address, length) => {
    const buffer = arena.buffer as ArrayBuffer;
    return new KINDS[kind]!(buffer, address, length);
  });
}

/** Output of a task for the main thread. A block of `kept` in it now belongs to that thread, and leaves `kept`. */
export function encodeOutput(value: unknown, arena: Arena, kept: Map<number, Kept>): unknown {
  const given = new Map<number, Kept>();
  return mapArrays(value, (array) => {
    const address = arena.addressOf(array);
    if (address === undefined) return ownPart(array);
    const block = kept.get(address) ?? given.get(address);
    if (block?.length !== array.length || !(array instanceof Float32Array)) return ownPart(array);
    kept.delete(address);
    given.set(address, block);
    return { [AT]: [kindOf(array), address, array.length, block.finite] } satisfies Standing;
  });
}

/** What {@link encodeOutput} gave, as arrays of this thread, which takes the blocks over. */
export function adoptOutput(value: unknown, arena: Arena, resident: Resident): unknown {
  const adopted = new Map<number, Float32Array>();
  return decode(value, (_kind, address, length, finite) => {
    let array = adopted.get(address);
    if (!array) {
      arena.takeOver(address);
      array = resident.adopt(address, length, finite);
      adopted.set(address, array);
    }
    return array;
  });
}

/** A view goes along without the rest of its buffer; memory that is shared is not copied. */
function ownPart(array: TypedArray): TypedArray {
  const { buffer } = array;
  if (buffer.byteLength === array.byteLength) return array;
  // Not array.slice(): a Buffer's shares its memory.
  return Buffer.isBuffer(array) ? new Uint8Array(array) : array.slice();
}

function mapArrays(value: unknown, change: (array: TypedArray) => unknown): unknown {
  if (isTypedArray(value)) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapArrays(item, change));
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = mapArrays(value[key], change);
  return copy;
}

function decode(
  value: unknown,
  make: (kind: number, address: number, length: number, finite: boolean) => TypedArray,
): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, make));
  if (!isRecord(value)) return value;
  const standing = value[AT];
  if (standing !== undefined) return make(...(standing as Standing[typeof AT]));
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = decode(value[key], make);
  return copy;
}
