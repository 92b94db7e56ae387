/**
 * Plain data on its way between threads that share the memory of the kernels: an array that lies there goes by its
 * address, so that nothing is copied.
 */
import type { Arena } from '../numeric/arena.js';
import type { Kept } from '../numeric/machine.js';
import type { Facts, MemoryArray, Resident, Use } from '../numeric/resident.js';
import { isDeeplyFrozen, isRecord, isTypedArray, type TypedArray } from './plain-data.js';

/** Arrays that may lie in the memory of the kernels. */
const KINDS = [Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array] as const;

/** The key of an object that stands for an array: its kind, address and length. */
const AT = 'mycel:at';
/** The key of an object that stands for a list of arrays: kind, address and length of each. */
const LIST = 'mycel:list';
/** The key of an object that stands for one that the thread has: its number there. */
const KNOWN = 'mycel:known';
/** The key of an object that stands for an array that is given away, with the block where its numbers lie too. */
const GIVEN = 'mycel:given';

interface Given {
  readonly address: number;
  readonly array: Float32Array<ArrayBuffer>;
  readonly facts: Facts;
}

/** Records that can never change and come again and again, such as specs of models: another thread gets each once. */
export class KnownRecords {
  /** Their numbers; null for those that are not sent so. */
  readonly #numbers = new WeakMap<object, number | null>();
  #count = 0;
  #unsent: unknown[] = [];

  /** The number of a record, if it has one or can get one. */
  numberOf(record: object): number | undefined {
    let number = this.#numbers.get(record);
    if (number === undefined) {
      if (!Object.isFrozen(record)) return undefined;
      number = this.#count < MOST_KNOWN && isDeeplyFrozen(record) ? this.#count++ : null;
      this.#numbers.set(record, number);
      if (number !== null) this.#unsent.push(record);
    }
    return number ?? undefined;
  }

  /** Records with a number that the thread has not got yet, in the order of their numbers; it gets them now. */
  takeUnsent(): readonly unknown[] {
    const unsent = this.#unsent;
    if (unsent.length > 0) this.#unsent = [];
    return unsent;
  }
}

/** So many records a thread knows at most. */
const MOST_KNOWN = 1000;

/**
 * Input of a task for another thread. `uses` are to be released when the task is done. Arrays must be frozen by now.
 * @param known what that thread knows
 */
export function encodeInput(
  value: unknown,
  resident: Resident,
  known?: KnownRecords,
): { value: unknown; uses: Use[] } {
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
    if (Array.isArray(item)) {
      if (areNumbers(item)) return item;
      const places = item.length > 0 && item.every(isTypedArray) ? placesOf(item) : undefined;
      if (places) return { [LIST]: places };
    } else if (known && isRecord(item)) {
      const number = known.numberOf(item);
      if (number !== undefined) return { [KNOWN]: number };
    }
    return mapItems(item, encode);
  }

  /** Kind, address and length of all arrays, where all have them. */
  function placesOf(arrays: readonly TypedArray[]): number[] | undefined {
    const places: number[] = [];
    for (const array of arrays) {
      const place = placeOf(array);
      if (!place) return undefined;
      places.push(...place);
    }
    return places;
  }

  return { value: encode(value), uses };
}

/** The inverse of {@link encodeInput}, with views on the arena. */
export function decodeInput(value: unknown, arena: Arena, known: readonly unknown[] = []): unknown {
  const { buffer } = arena;
  const viewAt = (places: readonly number[], k: number) =>
    new KINDS[places[k]!]!(buffer as ArrayBuffer, places[k + 1]!, places[k + 2]!);

  function decode(item: unknown): unknown {
    if (Array.isArray(item) && areNumbers(item)) return item;
    if (!isRecord(item)) return mapItems(item, decode);
    if (item[AT] !== undefined) return viewAt(item[AT] as number[], 0);
    if (item[KNOWN] !== undefined) return known[item[KNOWN] as number];
    const places = item[LIST] as number[] | undefined;
    if (!places) return mapItems(item, decode);
    const views: TypedArray[] = [];
    for (let k = 0; k < places.length; k += 3) views.push(viewAt(places, k));
    return views;
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

function areNumbers(list: readonly unknown[]): boolean {
  return list.every((item) => typeof item === 'number');
}

/** A view goes along without the rest of its buffer; memory that is shared is not copied. */
function ownPart(array: TypedArray): TypedArray {
  const { buffer } = array;
  if (buffer.byteLength === array.byteLength) return array;
  // Not array.slice(): a Buffer's shares its memory.
  return Buffer.isBuffer(array) ? new Uint8Array(array) : array.slice();
}

/** As what is assigned. */
const PLAIN = { enumerable: true, configurable: true, writable: true } as const;

/** Changes what a list or a record holds; typed arrays and single values stay as they are. */
function mapItems(value: unknown, change: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    // Assigned to, the key `__proto__` would set no key.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...PLAIN, value: change(value[key]) });
    else copy[key] = change(value[key]);
  }
  return copy;
}
