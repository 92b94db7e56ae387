/** The invariants of what is in messages. */
import { isDeepStrictEqual } from 'node:util';
import { type Dataset, lengthOf } from '../data/dataset.js';
import type { MaskPart } from '../learning/algorithm.js';
import { Random } from '../random.js';
import type { CodecMemory } from '../wire/codec.js';
import { type MaskBody, type MaskView, maskOf } from '../wire/mask.js';
import { resembles } from './resemblance.js';
import type { AnyCodec } from './spy.js';
import { expect, type WatchedInvariant } from './watched.js';

/** Bodies come back from their bytes; where a codec remembers, for a receiver that has had all messages of the sender. */
export const codecs: WatchedInvariant = {
  id: 'codecs',
  says: 'a body that is really sent comes back from its bytes, up to the rounding of its codec, and the same each time',
  watch() {
    let sender = 0;
    const kept = new Map<string, unknown>();
    return {
      sent({ from }) {
        sender = from;
      },
      encoded(type, body, bytes, codec, indexBytes) {
        const key = `${sender} ${type}`;
        const read = () => {
          const memory: CodecMemory = { value: kept.get(key) };
          return { decoded: codec.decode(Uint8Array.from(bytes), indexBytes, memory), after: memory.value };
        };
        const { decoded, after } = read();
        expect(
          resembles(body, decoded) || comesBackAlone(codec, body),
          () => `a body of "${type}" does not come back from its ${bytes.length} bytes`,
        );
        expect(
          isDeepStrictEqual(decoded, read().decoded),
          () => `two readings of one body of "${type}" differ`,
        );
        if (codec.remembers) kept.set(key, after);
      },
    };
  },
};

/**
 * Whether a codec that keeps something from message to message, so that a body may carry what others have left out, gives the body
 * back as a first message.
 */
function comesBackAlone(codec: AnyCodec, body: unknown): boolean {
  const memory: CodecMemory = { value: undefined };
  const { bytes, indexBytes } = codec.encode(body as never, new Random('first message'), memory);
  return memory.value !== undefined && resembles(body, codec.decode(bytes, indexBytes));
}

/** Masks have the ones that the algorithm says. */
export const masks: WatchedInvariant = {
  id: 'masks',
  says: 'a mask that a receiver decodes has zeros and ones alone, as many ones as the algorithm says, and values only where it is 1',
  watch(world) {
    let sender = 0;
    return {
      sent({ from }) {
        sender = from;
      },
      encoded(type, body, bytes, codec, indexBytes) {
        const parts = world.actors.masks(sender)[type];
        if (parts) checkMask(body, codec.decode(Uint8Array.from(bytes), indexBytes), parts);
      },
    };
  },
};

/** What a body of masks may be: the mask alone, a mask or a difference from one, or values under a mask. */
type Masked =
  | Uint8Array
  | MaskView
  | { readonly mask: Uint8Array; readonly values: Float32Array; readonly bits?: never };

function checkMask(body: unknown, decoded: unknown, parts: readonly MaskPart[]): void {
  const view = decoded as Masked;
  if (view instanceof Uint8Array) checkOnes(view, parts);
  else if (view.bits) checkOnes(maskOf(view, (body as MaskBody).reference)!, parts);
  else checkValues(view, parts);
}

function checkValues(
  view: { readonly mask: Uint8Array; readonly values: Float32Array },
  parts: readonly MaskPart[],
) {
  checkOnes(view.mask, parts);
  const stray = view.values.findIndex((value, k) => value !== 0 && view.mask[k] === 0);
  expect(stray < 0, () => `value ${stray} is ${view.values[stray]}, where the mask is 0`);
}

function checkOnes(mask: Uint8Array, parts: readonly MaskPart[]): void {
  const wrong = mask.findIndex((bit) => bit > 1);
  expect(wrong < 0, () => `element ${wrong} of a mask is ${mask[wrong]}`);
  for (const { from, length, ones: said, atMost = false } of parts) {
    const ones = mask.subarray(from, from + length).reduce((sum, bit) => sum + bit, 0);
    expect(
      atMost ? ones <= said : ones === said,
      () =>
        `elements ${from} to ${from + length - 1} of a mask have ${ones} ones, expected ${atMost ? 'at most ' : ''}${said}`,
    );
  }
}

/** Bytes of a pattern that would hardly stand in a message by chance. */
const PATTERN = 32;
/** Patterns of each array that are looked for. */
const PATTERNS = 4;

/** What is personal is in no message. */
export const personal: WatchedInvariant = {
  id: 'personal',
  says: 'what an algorithm declares as personal, and the features of private rows, are in no message',
  watch(world) {
    const { dataset, shards: all } = world.constants;
    const { entry } = world.plan.algorithm;
    // What a node has from the start is drawn from the seed, and says nothing of its data.
    const initial = all.flatMap((_, node) => world.actors.personal(node).map(bytesOf).map(Buffer.from));
    const rows = all.map(({ train }, node) => patternsOf(featuresOf(dataset, train[node % train.length]!)));
    return {
      encoded(type, _body, bytes) {
        const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (const [node, patterns] of rows.entries())
          for (const pattern of patterns)
            expect(
              !message.includes(pattern),
              () => `a "${type}" has features of a training row of node ${node}`,
            );
        if (!entry.personal) return;
        for (let node = 0; node < world.plan.nodes; node++)
          for (const own of world.actors.personal(node))
            for (const pattern of patternsOf(own))
              expect(
                !message.includes(pattern) || initial.some((first) => first.includes(pattern)),
                () => `a "${type}" has personal numbers of node ${node}`,
              );
      },
    };
  },
};

type Numbers = Uint8Array | Float32Array | Float64Array;

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Some pieces of the bytes of an array, but none of equal bytes. */
function patternsOf(array: Numbers): Buffer[] {
  const bytes = bytesOf(array);
  const random = new Random('patterns');
  const found: Buffer[] = [];
  for (let k = 0; k < 4 * PATTERNS && found.length < PATTERNS && bytes.length >= PATTERN; k++) {
    const start = 4 * random.integer(Math.floor((bytes.length - PATTERN) / 4) + 1);
    const piece = bytes.subarray(start, start + PATTERN);
    if (new Set(piece).size > PATTERN / 4) found.push(Buffer.from(piece));
  }
  return found;
}

function featuresOf({ features, shape }: Dataset, row: number): Uint8Array | Float32Array {
  const length = lengthOf(shape);
  return features.slice(row * length, (row + 1) * length);
}
