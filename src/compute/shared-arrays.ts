/**
 * Plain data on its way between threads that share the memory of the kernels: an array that lies there goes by its
 * address, so that nothing is copied.
 */
import type { Arena } from '../numeric/arena.js';
import type { Kept } from '../numeric/machine.js';
import type { Facts, MemoryArray, Resident, Use } from '../numeric/resident.js';
import { isRecord, isTypedArray, type TypedArray } from './plain-data.js';

/** Arrays that may lie in the memory of the kernels. */
const KINDS = [Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array] as const;

/** The key of an object that stands for an array: its kind, address and length. */
const AT = 'mycel:at';
/** The key of an object that stands for a list of arrays: kind, address and length of each. */
const LIST = 'mycel:list';
/** The key of an object that stands for an array that is given away, with the block where its numbers lie too. */
const GIVEN = 'mycel:given';

interface Given {
  readonly address: number;
  readonly array: Float32Array<ArrayBuffer>;
  readonly facts: Facts;
}

/**
 * Input of a task for another thread. `uses` are to be released when the task is done. Arrays must be frozen by now.
 */
export function encodeInput(value: unknown, resident: Resident): { value: unknown; uses: Use[] } {
  const uses: Use[] = [];

  function placeOf(array: TypedArray): number[] | undefined {
    const kind = KINDS.indexOf(array.constructor as (typeof KINDS)[number]);
    const use = kind < 0 ? undefined : resident.hold(array as MemoryArray);
    if (!use) return undefined;
    uses.push(use);
    return [kind, use.address, array.length];
  }

  function encode(item: unknown): unknown {
    if (isTypedArray(item)) {
      const place = placeOf(item);
      return place ? { [AT]: place } : ownPart(item);
    }
    if (Array.isArray(item) && item.length > 0 && item.every(isTypedArray)) {
      const places = item.map(placeOf);
      if (places.every((place) => place !== undefined)) return { [LIST]: places.flat() };
    }
    return mapItems(item, encode);
  }

  return { value: encode(value), uses };
}

/** The inverse of {@link encodeInput}, with views on the arena. */
export function decodeInput(value: unknown, arena: Arena): unknown {
  const viewAt = ([kind, address, length]: readonly number[]) =>
    new KINDS[kind!]!(arena.buffer as ArrayBuffer, address!, length!);

  function decode(item: unknown): unknown {
    if (!isRecord(item)) return mapItems(item, decode);
    if (item[AT] !== undefined) return viewAt(item[AT] as number[]);
    const places = item[LIST] as number[] | undefined;
    if (!places) return mapItems(item, decode);
    return Array.from({ length: places.length / 3 }, (_, k) => viewAt(places.slice(3 * k)));
  }

  return decode(value);
}

/**
 * Output of a task for the main thread. A block of `kept` in it now belongs to that thread, and leaves `kept`; its numbers
 * go along in a buffer of their own, for `transfer`.
 */
export function encodeOutput(
  value: unknown,
  arena: Arena,
  kept: Map<number, Kept>,
): { value: unknown; transfer: ArrayBuffer[] } {
  const given = new Map<number, Given>();

  function give(array: Float32Array, address: number): Given | undefined {
    const known = given.get(address);
    if (known) return known.array.length === array.length ? known : undefined;
    const block = kept.get(address);
    if (block?.length !== array.length) return undefined;
    kept.delete(address);
    const { finite, checksum } = block;
    const own = { address, array: new Float32Array(array), facts: { finite, checksum } };
    given.set(address, own);
    return own;
  }

  function encode(item: unknown): unknown {
    if (!isTypedArray(item)) return mapItems(item, encode);
    const address = arena.addressOf(item);
    const own = address !== undefined && item instanceof Float32Array ? give(item, address) : undefined;
    return own ? { [GIVEN]: own } : ownPart(item);
  }

  const encoded = encode(value);
  return { value: encoded, transfer: [...given.values()].map(({ array }) => array.buffer) };
}

/** What {@link encodeOutput} gave, as arrays of this thread, which takes the blocks over. */
export function adoptOutput(value: unknown, arena: Arena, resident: Resident): unknown {
  const adopted = new Set<Given>();

  function adopt(item: unknown): unknown {
    const given = isRecord(item) ? (item[GIVEN] as Given | undefined) : undefined;
    if (!given) return mapItems(item, adopt);
    const { address, array, facts } = given;
    if (!adopted.has(given)) {
      adopted.add(given);
      arena.takeOver(address);
      resident.adopt(array, address, facts);
    }
    return array;
  }

  return adopt(value);
}

/** A view goes along without the rest of its buffer; memory that is shared is not copied. */
function ownPart(array: TypedArray): TypedArray {
  const { buffer } = array;
  if (buffer.byteLength === array.byteLength) return array;
  // Not array.slice(): a Buffer's shares its memory.
  return Buffer.isBuffer(array) ? new Uint8Array(array) : array.slice();
}

/** Changes what a list or a record holds; typed arrays and single values stay as they are. */
function mapItems(value: unknown, change: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = change(value[key]);
  return copy;
}
