/** The type of the entries of the list of data sources. */
import { UsageError } from '../errors.js';
import { sharedMemory } from '../numeric/thread.js';
import type { Entry } from '../options/index.js';
import { Random } from '../random.js';
import type { Bytes } from '../units.js';
import type { Dataset } from './dataset.js';

/** What a data source receives besides its options. @public */
export interface SourceContext {
  /** The stream of the data; a source draws from nothing else. */
  readonly random: Random;
  /** Learners, at least 1. */
  readonly nodes: number;
  /** Directory of the scenario, against which relative paths in the options are resolved. */
  readonly directory: string;
}

/** How large a data set will be, as its source tells before it loads it. @public */
export interface DataSize {
  /** Rows of all parts. */
  readonly rows: number;
  /** Shape of one sample. */
  readonly shape: readonly number[];
  /** 0 if the data have none. */
  readonly classes: number;
  readonly bytesPerFeature: 1 | 4;
  /**
   * Labels of each row.
   * @defaultValue 1
   */
  readonly labels?: number;
  /**
   * What else the source needs to make them.
   * @defaultValue 0
   */
  readonly more?: Bytes;
}

/**
 * Where samples come from. Law: the same options, stream, nodes and files give the same data set, bit by bit; features
 * and labels are in SharedArrayBuffers, so that workers read them without a copy.
 * @public
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface DataSource<Options = any> extends Entry<Options> {
  /** Throws UsageError if the data are missing or malformed, or fewer than requested. */
  load(options: Options, context: SourceContext): Promise<Dataset>;
  /**
   * The size of what `load` gives, from the options alone: a run that cannot fit into the memory is refused before
   * anything is allocated. Default: not known before.
   */
  size?(options: Options, context: Pick<SourceContext, 'nodes'>): DataSize;
}

/** Below, bytes are copied to where kernels read them; above, that memory cannot have them. */
const WHERE_KERNELS_READ = { least: 2 ** 20, most: 2 ** 31 };

/** Bytes in memory that threads share, all 0: the features of a large data set lie where kernels read them. @public */
export function sharedBytes(length: number): Uint8Array {
  const { least, most } = WHERE_KERNELS_READ;
  if (length >= least && length <= most) return sharedMemory().resident.bytes(length);
  return new Uint8Array(allocate(length));
}

/** float32 numbers in a SharedArrayBuffer, all 0. @public */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(allocate(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Labels in a SharedArrayBuffer, all 0. @public */
export function sharedLabels(length: number): Int32Array {
  return new Int32Array(allocate(length * Int32Array.BYTES_PER_ELEMENT));
}

/** A stream for one part of the data: draws from it change no other part. Takes one draw of `random`. */
export function substream(random: Random): Random {
  return new Random(String(random.integer(Number.MAX_SAFE_INTEGER)));
}

/**
 * `size` of the rows 0 … `available` − 1 at random, without replacement, ascending. With the same stream a smaller choice
 * is a subset of a larger one.
 */
export function chooseRows(available: number, size: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: available }, (_, row) => row);
  if (size === available) return rows;
  for (let k = 0; k < size; k++) {
    const other = k + random.integer(available - k);
    const swap = rows[k]!;
    rows[k] = rows[other]!;
    rows[other] = swap;
  }
  return rows.slice(0, size).sort((a, b) => a - b);
}

function allocate(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      'out-of-memory',
      `expected memory for ${bytes} bytes of samples, got none: use fewer samples`,
      'data',
    );
  }
}
