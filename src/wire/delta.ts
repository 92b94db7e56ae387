/**
 * Deltas: the first message of a chain is the vector itself, each later one the difference from what its receivers have, encoded by
 * another codec. What receivers have is computed by the sender too, from what it has sent, so what a lossy codec leaves out stays
 * in the differences until it is sent. Chains and places in them are numbered, so a receiver knows what a message builds on.
 */
import { z } from 'zod';
import { count } from '../options/index.js';
import {
  type CodecMemory,
  CorruptBodyError,
  OutOfStepError,
  type VectorCodec,
  type VectorView,
} from './codec.js';
import type { CodecEntry } from './entry.js';
import { float32 } from './float32.js';
import { joined } from './little-endian.js';

/** Bytes of the number of the chain and of the place in it, u16 each: the header part. */
const NUMBER_BYTES = 4;
const CHAINS = 2 ** 16;

/** Options of {@link delta}, beside the codec of the differences. */
interface DeltaOptions {
  /** Messages of a chain, its whole one among them. */
  readonly refresh: number;
}

/** Where one end is in a chain, and the vector there. */
interface Chain {
  readonly chain: number;
  readonly place: number;
  readonly values: Float32Array;
}

/** What a sender keeps: its chain, and who has been sent all of it. */
interface Sent extends Chain {
  readonly reached: readonly number[];
  /** What the other codec keeps. */
  readonly inner: unknown;
}

/**
 * Codec of vectors of `length` as differences, which `inner` encodes. A whole message has 4·length + 4 bytes, another one those of
 * `inner` and 4; the last 4 are the header part. A message is whole if it is the first, the `refresh`-th of its chain, if one of
 * its receivers was not sent the message before, or if the difference is not finite.
 */
export function delta({ refresh }: DeltaOptions, inner: VectorCodec, length: number): VectorCodec {
  const id = `delta(${inner.id}, ${refresh})`;
  const whole = float32(length);
  return {
    id,
    remembers: true,
    encode(body, random, memory) {
      const before = memory?.value as Sent | undefined;
      const to = Array.from(memory?.to ?? []);
      const values = before && differenceOf(body.values, before.values);
      const goesOn =
        before && before.place + 1 < refresh && to.every((node) => before.reached.includes(node));
      if (!goesOn || !values?.every(Number.isFinite)) {
        const chain = before ? (before.chain + 1) % CHAINS : 0;
        const { bytes } = whole.encode(body, random);
        if (memory) {
          const copy = Float32Array.from(body.values);
          memory.value = { chain, place: 0, values: copy, inner: undefined, reached: to } satisfies Sent;
        }
        return bodyOf({ bytes, indexBytes: 0, headerBytes: 0 }, chain, 0);
      }
      const { chain } = before;
      const place = before.place + 1;
      const own: CodecMemory = { value: before.inner, to };
      const encoded = inner.encode({ values }, random, own);
      const sum = sumOf(before.values, inner.decode(encoded.bytes, encoded.indexBytes));
      memory!.value = { chain, place, values: sum, inner: own.value, reached: to } satisfies Sent;
      return bodyOf(encoded, chain, place);
    },
    decode(bytes, indexBytes, memory) {
      const end = bytes.length - NUMBER_BYTES;
      if (end < 0 || indexBytes > end) {
        throw new CorruptBodyError(
          `${id}: expected the numbers of chain and place at the end, got ${bytes.length} B`,
        );
      }
      const numbers = new DataView(bytes.buffer, bytes.byteOffset + end, NUMBER_BYTES);
      const [chain, place] = [numbers.getUint16(0, true), numbers.getUint16(2, true)];
      const chains = (memory?.value as readonly Chain[] | undefined) ?? [];
      const content = bytes.subarray(0, end);
      const values =
        place === 0
          ? whole.decode(content, indexBytes).values
          : sumOf(baseOf(id, chains, { chain, place }).values, inner.decode(content, indexBytes));
      // The chain before this one is kept for its last messages, which may come late.
      const others = chains.filter((known) => known.chain !== chain).slice(-1);
      if (memory) memory.value = [...others, { chain, place, values }];
      return { length, values };
    },
  };
}

function bodyOf(
  { bytes, indexBytes, headerBytes }: { bytes: Uint8Array; indexBytes: number; headerBytes: number },
  chain: number,
  place: number,
) {
  const numbers = new Uint8Array(NUMBER_BYTES);
  const view = new DataView(numbers.buffer);
  view.setUint16(0, chain, true);
  view.setUint16(2, place, true);
  const valuesBytes = bytes.length - indexBytes - headerBytes;
  return {
    bytes: joined([bytes, numbers]),
    indexBytes,
    valuesBytes,
    headerBytes: headerBytes + NUMBER_BYTES,
  };
}

/** The place before `place` in its chain. Throws OutOfStepError where the receiver is not there. */
function baseOf(
  id: string,
  chains: readonly Chain[],
  { chain, place }: { readonly chain: number; readonly place: number },
): Chain {
  const own = chains.find((known) => known.chain === chain);
  if (own?.place === place - 1) return own;
  const newest = chains.at(-1);
  // Numbers of chains go round; one that is less than half of the way ahead is new.
  const isNew = newest === undefined || (chain - newest.chain + CHAINS) % CHAINS < CHAINS / 2;
  const mayCome = own ? own.place < place : isNew;
  throw new OutOfStepError(
    `${id}: expected message ${place - 1} of chain ${chain} to be there, got message ${place}`,
    mayCome,
  );
}

function differenceOf(values: Float32Array, base: Float32Array): Float32Array {
  const difference = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) difference[i] = values[i]! - base[i]!;
  return difference;
}

function sumOf(base: Float32Array, { values, indices }: VectorView): Float32Array {
  const sum = Float32Array.from(base);
  for (let k = 0; k < values.length; k++) {
    const i = indices ? indices[k]! : k;
    sum[i] = base[i]! + values[k]!;
  }
  return sum;
}

/** List entry of {@link delta}. `plain` is the option that chooses the other codec, and `create` makes it. */
export function deltaEntry<Chosen>(
  plain: z.ZodType<Chosen>,
  create: (chosen: Chosen, vector: Parameters<CodecEntry<never>['create']>[1]) => VectorCodec,
): CodecEntry<DeltaOptions & { readonly codec: Chosen }> {
  return {
    id: 'delta',
    description:
      'the difference from what the receivers have of this sender, in another codec; now and then the whole',
    reference:
      'after Koloskova, Stich and Jaggi, Decentralized Stochastic Optimization and Gossip Algorithms with Compressed Communication, ICML 2019',
    options: z.strictObject({
      codec: plain.describe(
        'how the differences are encoded; sparse codecs too: what they leave out has not changed',
      ),
      refresh: count(1, 65_535)
        .default(20)
        .describe(
          'messages of which one is whole, as float32: so long may a receiver that has missed one be without',
        ),
    }) as unknown as z.ZodType<DeltaOptions & { readonly codec: Chosen }>,
    create: ({ codec, refresh }, vector) => delta({ refresh }, create(codec, vector), vector.length),
  };
}
