/** What an entry of the list of data sources is. */
import { UsageError } from '../errors.js';
import type { Entry } from '../options/index.js';
import { Random } from '../random.js';
import type { Dataset } from './dataset.js';

/** What a source is given beside its options. */
export interface SourceContext {
  /** The stream of the data; a source draws from nothing else. */
  readonly random: Random;
  /** Learners, at least 1. */
  readonly nodes: number;
  /** Directory of the scenario, against which relative paths in the options are resolved. */
  readonly directory: string;
}

/**
 * Where samples come from. Law: the same options, stream, nodes and files give the same dataset, bit by bit; features
 * and labels lie in SharedArrayBuffers, so that workers read them without a copy.
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface DataSource<Options = any> extends Entry<Options> {
  /** Throws UsageError where the data are missing or broken, or fewer than was asked for. */
  load(options: Options, context: SourceContext): Promise<Dataset>;
}

/** Bytes in shared memory, all 0. */
export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(shared(length));
}

/** float32 numbers in shared memory, all 0. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(shared(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Labels in shared memory, all 0. */
export function sharedLabels(length: number): Int32Array {
  return new Int32Array(shared(length * Int32Array.BYTES_PER_ELEMENT));
}

/** A stream for one part of the data: how much is drawn from it shifts no other part. Takes one draw of `random`. */
export function substream(random: Random): Random {
  return new Random(String(random.integer(Number.MAX_SAFE_INTEGER)));
}

/**
 * `wanted` of `available` rows at random, without replacement, ascending. For one stream a smaller choice is part of a
 * larger one.
 */
export function chooseRows(available: number, wanted: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: available }, (_, row) => row);
  if (wanted === available) return rows;
  for (let k = 0; k < wanted; k++) {
    const other = k + random.integer(available - k);
    const swap = rows[k]!;
    rows[k] = rows[other]!;
    rows[other] = swap;
  }
  return rows.slice(0, wanted).sort((a, b) => a - b);
}

function shared(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      'out-of-memory',
      `expected room for ${bytes} bytes of samples, but they cannot be allocated: ask for fewer samples`,
      'data',
    );
  }
}
