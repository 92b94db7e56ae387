/** The list of codecs for masks, and how an algorithm's options choose from it. */
import { z } from 'zod';
import { type Chosen, choice, type Entry, type List } from '../options/index.js';
import { CorruptBodyError, type EncodedBody } from './codec.js';
import { differenceMask, entropyMask } from './entropy-mask.js';
import type { MaskBody, MaskCodec, MaskView } from './mask.js';
import { packedMask } from './packed-mask.js';
import type { SizedCodec } from './sizes.js';

/** A codec for masks that a scenario can name. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface MaskCodecEntry extends Entry<any> {
  /** Whether it sends differences from masks sent before, which a receiver may not have. */
  readonly differences?: boolean;
  /** The codec for masks of layers with these numbers of elements. */
  create(options: unknown, layers: readonly number[]): MaskCodec;
}

const none = z.strictObject({});

/** Every codec for masks that a scenario can name. @public */
export const maskCodecs: readonly MaskCodecEntry[] = [
  {
    id: 'packed-mask',
    description: 'one bit per element: exactly ⌈d/8⌉ bytes for d elements',
    options: none,
    create: (_options, layers) => plain(layers),
  },
  {
    id: 'entropy-mask',
    description:
      'adaptive arithmetic coding of each layer: about d·H2(r)/8 bytes for d elements of which the share r is 1',
    options: none,
    create: (_options, layers) => entropyMask(layers),
  },
  {
    id: 'difference-mask',
    description:
      'arithmetic coding of the difference from the last mask sent, and the number of that mask (4 bytes)',
    options: none,
    differences: true,
    create: (_options, layers) => differenceMask(layers),
  },
  {
    id: 'smallest-of',
    description:
      'the codec among the other three that makes the mask smallest, chosen for each mask, and its number (1 byte)',
    options: none,
    differences: true,
    create: (_options, layers) => smallestOf([plain(layers), entropyMask(layers), differenceMask(layers)]),
  },
];

/** {@link maskCodecs} as a list to choose from. */
export const maskCodecList: List<MaskCodecEntry> = {
  what: 'codec for masks',
  entries: maskCodecs,
  functions: ['create'],
};

/** A codec for masks that a scenario chooses, with its validated options. @public */
export type ChosenMaskCodec = Chosen<MaskCodecEntry>;

/**
 * Schema of an algorithm's option that chooses a codec for masks.
 * @defaultValue `packed-mask`
 * @public
 */
export function maskCodecOption() {
  return choice(maskCodecList).prefault('packed-mask').describe('how masks are encoded');
}

/** The codec for masks of layers with these numbers of elements. @public */
export function createMaskCodec({ entry, options }: ChosenMaskCodec, layers: readonly number[]): MaskCodec {
  return entry.create(options, layers);
}

/** Codec that uses the one of `candidates` with the smallest encoding, the first of equals, then its number (1 byte, header part). */
function smallestOf(candidates: readonly MaskCodec[]): MaskCodec {
  const id = `smallest-of(${candidates.map((candidate) => candidate.id).join(', ')})`;
  return {
    id,
    encode(body, random) {
      const encodings = candidates.map((candidate) => candidate.encode(body, random));
      const best = encodings.reduce(
        (least, { bytes }, k) => (bytes.length < encodings[least]!.bytes.length ? k : least),
        0,
      );
      return tagged(encodings[best]!, best);
    },
    decode(bytes, indexBytes) {
      const tag = bytes.at(-1);
      const candidate = tag === undefined ? undefined : candidates[tag];
      if (!candidate) {
        throw new CorruptBodyError(`codec ${id}: expected a tag below ${candidates.length}, got ${tag}`);
      }
      return candidate.decode(bytes.subarray(0, -1), indexBytes);
    },
  };
}

function tagged({ bytes, indexBytes, valuesBytes, headerBytes }: EncodedBody, tag: number): EncodedBody {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = tag;
  return { bytes: longer, indexBytes, valuesBytes, headerBytes: headerBytes + 1 };
}

function plain(layers: readonly number[]): SizedCodec<MaskBody, MaskView> {
  const codec = packedMask(layers.reduce((sum, layer) => sum + layer, 0));
  return {
    id: codec.id,
    sizes: codec.sizes,
    encode: ({ mask }, random) => codec.encode(mask, random),
    decode: (bytes, indexBytes) => ({ reference: 0, bits: codec.decode(bytes, indexBytes) }),
  };
}
