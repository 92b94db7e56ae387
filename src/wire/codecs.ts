/** The list of codecs for vectors, and how an algorithm's options choose from it. */
import { callPlugin, expectPlugin, PluginError, UsageError } from '../errors.js';
import { type Chosen, choice, type List } from '../options/index.js';
import { bfloat16Entry } from './bfloat16.js';
import { OutOfStepError, type VectorCodec, type VectorLayout, type VectorView } from './codec.js';
import { deltaEntry } from './delta.js';
import { entropyQuantizedEntry } from './entropy-quantized.js';
import type { CodecEntry } from './entry.js';
import { fedBackEntry } from './fed-back.js';
import { float16Entry } from './float16.js';
import { float32, float32Entry } from './float32.js';
import { lowRankEntry } from './low-rank.js';
import { qsgdEntry } from './qsgd.js';
import { randomKEntry } from './random-k.js';
import { signEntry } from './sign.js';
import { topKEntry } from './top-k.js';

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
type AnyCodecEntry = CodecEntry<any>;

/** The codecs that encode a vector by themselves. */
const plainCodecs: readonly AnyCodecEntry[] = [
  float32Entry,
  float16Entry,
  bfloat16Entry,
  qsgdEntry,
  entropyQuantizedEntry,
  signEntry,
  lowRankEntry,
  topKEntry,
  randomKEntry,
];

const plainList: List<AnyCodecEntry> = { what: 'codec', entries: plainCodecs, functions: ['create'] };

const onlyDense = {
  accepts: ({ sparse }: AnyCodecEntry) => !sparse,
  expected: 'a dense codec, since the algorithm needs every coordinate',
};

/** Every codec that a scenario can name: the plain ones, and those around one of them. @public */
export const codecs: readonly AnyCodecEntry[] = [
  ...plainCodecs,
  deltaEntry(choice(plainList).prefault('sign'), createContraction),
  fedBackEntry(
    choice(plainList, {
      only: { ...onlyDense, expected: 'a dense codec, or delta around the sparse one' },
    }).prefault('sign'),
    createContraction,
  ),
];

/** {@link codecs} as a list to choose from. */
export const codecList: List<AnyCodecEntry> = { what: 'codec', entries: codecs, functions: ['create'] };

/** A codec that a scenario chooses, with its validated options. @public */
export type ChosenCodec = Chosen<AnyCodecEntry>;

/**
 * Schema of an algorithm's `codec` option: `float16`, or `{ use: top-k, fraction: 10% }`.
 * @defaultValue `float32`
 * @public
 */
export function codecOption() {
  return choice(codecList)
    .prefault('float32')
    .describe('how vectors are encoded: the name of a codec, or { use: NAME, …options }');
}

/** As {@link codecOption}, without codecs around another one: for algorithms that send what was left out themselves. */
export function plainCodecOption() {
  return choice(codecList, {
    only: {
      // A codec of the user's own is in neither list.
      accepts: (entry) => plainCodecs.includes(entry) || !codecs.includes(entry),
      expected:
        'a codec that keeps nothing of earlier messages, since the algorithm itself sends what was left out',
    },
  }).prefault('float32');
}

/** As {@link codecOption}, without sparse codecs: for algorithms that need every coordinate of a vector. @public */
export function denseCodecOption() {
  return choice(codecList, { only: onlyDense }).prefault('float32');
}

/**
 * As {@link denseCodecOption}, for methods that send params as float32 unless a codec is named; for {@link createParamsCodec}.
 * @public
 */
export function paramsCodecOption() {
  return choice(codecList, { only: onlyDense })
    .optional()
    .describe('how params are encoded: a dense codec, or delta around any; default: float32');
}

/** The codec that was chosen by {@link paramsCodecOption}; float32 if none was. @public */
export function createParamsCodec(chosen: ChosenCodec | undefined, vector: VectorLayout): VectorCodec {
  return chosen ? createCodec(chosen, vector) : float32(vector.length);
}

/**
 * The codec for vectors of that layout: give the model where the vector is its params, since some codecs go by its tensors.
 * Throws UsageError if the options do not fit it.
 * @public
 */
export function createCodec({ entry, options }: ChosenCodec, vector: VectorLayout): VectorCodec {
  if (codecs.includes(entry)) return entry.create(options, vector);
  // An error that the user's codec throws becomes a PluginError that names the codec.
  const what = `codec "${entry.id}"`;
  const codec = callPlugin(what, () => entry.create(options, vector));
  return {
    id: codec.id,
    ...(codec.remembers && { remembers: true }),
    encode: (body, random, memory) => callPlugin(what, () => codec.encode(body, random, memory)),
    decode(bytes, indexBytes, memory) {
      const view = callPlugin(what, () => {
        try {
          return codec.decode(bytes, indexBytes, memory);
        } catch (error) {
          if (error instanceof OutOfStepError) return error;
          throw error;
        }
      });
      if (view instanceof OutOfStepError) throw view;
      checkView(view, vector.length, `${what}, decode`);
      return view;
    },
  };
}

/**
 * As {@link createCodec}, for what sends again what the codec has left out before. Throws UsageError where the codec may lose more
 * of a vector than there is, with which that would grow without bound.
 */
export function createContraction(chosen: ChosenCodec, vector: VectorLayout): VectorCodec {
  const { entry, options } = chosen;
  if (entry.expands?.(options, vector.length)) {
    throw new UsageError(
      'expanding-codec',
      `expected a codec that loses less than it sends, since what is left out is sent again, got ${entry.id} with options that lose more than the vector: take more levels, smaller buckets, or scaled: true`,
      'algorithm.codec',
    );
  }
  return createCodec(chosen, vector);
}

/** Throws a PluginError unless the view is of a vector of that length. */
function checkView(view: Partial<VectorView> | undefined, length: number, place: string): void {
  const { values, indices } = view ?? {};
  expectPlugin(values instanceof Float32Array, place, `values as a Float32Array, got ${String(values)}`);
  expectPlugin(view?.length === length, place, `a vector of length ${length}, got ${view?.length}`);
  const count = indices === undefined ? length : (indices as Partial<Uint32Array>).length;
  expectPlugin(values.length === count, place, `${count} values, got ${values.length}`);
  if (indices === undefined) return;
  expectPlugin(indices instanceof Uint32Array, place, `indices as a Uint32Array, got ${String(indices)}`);
  for (let k = 0; k < indices.length; k++) {
    const isNext = indices[k]! < length && (k === 0 || indices[k]! > indices[k - 1]!);
    if (!isNext)
      throw new PluginError(
        `${place}: expected ascending indices below ${length}, got ${indices[k]} as number ${k}`,
      );
  }
}
