/** Codecs of masks: lossless, small, and refused where something is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { testCodec } from '../testing/codecs.js';
import { difference, type MaskBody, type MaskView, maskOf } from './mask.js';
import { createMaskCodec, maskCodecOption, maskCodecs } from './mask-codecs.js';

const random = new Random('unused');
const bits = (length: number) =>
  fc
    .array(fc.constantFrom(0, 1), { minLength: length, maxLength: length })
    .map((list) => Uint8Array.from(list));

const bodies = (length: number): fc.Arbitrary<MaskBody> =>
  fc.oneof(
    bits(length).map((mask) => ({ mask })),
    fc
      .tuple(bits(length), bits(length), fc.integer({ min: 1, max: 2 ** 32 - 1 }))
      .map(([mask, other, id]) => ({ mask, reference: { id, mask: other } })),
  );

/** A body that encodes to what was decoded. */
function again({ reference, bits: decoded }: MaskView): MaskBody {
  if (reference === 0) return { mask: decoded };
  return { mask: decoded, reference: { id: reference, mask: new Uint8Array(decoded.length) } };
}

for (const { id } of maskCodecs) {
  for (const layers of [[], [1], [8, 3], [40, 9, 14]]) {
    test(`${id} of layers [${layers}] keeps the laws of codecs`, () => {
      testCodec({
        make: () => createMaskCodec(maskCodecOption().parse(id), layers),
        body: bodies(layers.reduce((sum, layer) => sum + layer, 0)),
        matches: (body: MaskBody, view: MaskView) => {
          const mask = maskOf(view, body.reference);
          return mask?.length === body.mask.length && mask.every((bit, i) => bit === body.mask[i]);
        },
        // Which codec is smallest depends on the mask itself, which a difference does not tell.
        ...(id !== 'smallest-of' && { reencode: again }),
      });
    });
  }
}

/** Shares of ones, layer by layer, of a Bernoulli mask. */
function bernoulli(layers: readonly number[], shares: readonly number[]): Uint8Array {
  const stream = new Random(`bernoulli ${layers} ${shares}`);
  return Uint8Array.from(
    layers.flatMap((layer, l) =>
      Array.from({ length: layer }, () => (stream.uniform() < shares[l]! ? 1 : 0)),
    ),
  );
}

/** d·H₂(r)/8 summed over layers, with the shares that the mask has. */
function entropyBytes(layers: readonly number[], mask: Uint8Array): number {
  let from = 0;
  return layers.reduce((sum, layer) => {
    const share = mask.subarray(from, from + layer).reduce((ones, bit) => ones + bit, 0) / layer;
    from += layer;
    const h = share === 0 || share === 1 ? 0 : -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
    return sum + (layer * h) / 8;
  }, 0);
}

test('entropy-coded masks are within 1 % and 16 bytes of the entropy, whatever the shares of ones', () => {
  for (const shares of [
    [0.5, 0.5],
    [0.3, 0.9],
    [0.1, 0.01],
    [0.001, 0.999],
    [0, 1],
  ]) {
    const layers = [60_000, 5_000];
    const mask = bernoulli(layers, shares);
    const { bytes, valuesBytes } = createMaskCodec(maskCodecOption().parse('entropy-mask'), layers).encode(
      { mask },
      random,
    );
    assert.equal(valuesBytes, bytes.length);
    const bound = entropyBytes(layers, mask);
    assert.ok(bytes.length <= 1.01 * bound + 16, `${bytes.length} B against ${bound} B for ${shares}`);
    assert.ok(bytes.length >= bound - 1, 'no code is shorter than the entropy on average');
  }
});

test('a difference of few elements is far smaller than the mask, and its reference costs 4 bytes of header', () => {
  const layers = [20_000];
  const mask = bernoulli(layers, [0.3]);
  const next = mask.map((bit, i) => (i % 500 === 0 ? 1 - bit : bit));
  const codec = createMaskCodec(maskCodecOption().parse('difference-mask'), layers);
  const body = codec.encode({ mask: next, reference: { id: 7, mask } }, random);
  assert.equal(body.headerBytes, 4);
  assert.ok(body.valuesBytes <= 1.01 * entropyBytes(layers, difference(mask, next)) + 16);
  const view = codec.decode(body.bytes, body.indexBytes);
  assert.deepEqual(maskOf(view, { id: 7, mask }), next);
});

test('a receiver without the reference mask cannot decode a difference', () => {
  const view = { reference: 7, bits: Uint8Array.of(1, 0) };
  assert.equal(maskOf(view, undefined), undefined);
  assert.equal(maskOf(view, { id: 6, mask: Uint8Array.of(0, 0) }), undefined);
  assert.deepEqual(maskOf(view, { id: 7, mask: Uint8Array.of(1, 1) }), Uint8Array.of(0, 1));
  assert.deepEqual(maskOf({ reference: 0, bits: Uint8Array.of(1, 1) }, undefined), Uint8Array.of(1, 1));
});

test('smallest-of uses the smallest encoding, the first of equals, and one byte for its number', () => {
  const layers = [800];
  const codec = createMaskCodec(maskCodecOption().parse('smallest-of'), layers);
  const dense = codec.encode({ mask: bernoulli(layers, [0.5]) }, random);
  assert.deepEqual([dense.bytes.length, dense.bytes.at(-1), dense.headerBytes], [101, 0, 1]);
  const sparse = bernoulli(layers, [0.02]);
  assert.equal(codec.encode({ mask: sparse }, random).bytes.at(-1), 1);
  const same = codec.encode(
    { mask: bernoulli(layers, [0.5]), reference: { id: 1, mask: bernoulli(layers, [0.5]) } },
    random,
  );
  assert.equal(same.bytes.at(-1), 2);
  assert.throws(() => codec.decode(Uint8Array.of(9), 0), /expected a tag below 3, got 9/);
});

test('truncated, longer and damaged bytes are refused', () => {
  const codec = createMaskCodec(maskCodecOption().parse('entropy-mask'), [400]);
  const { bytes } = codec.encode({ mask: bernoulli([400], [0.2]) }, random);
  for (const wrong of [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of()]) {
    assert.throws(() => codec.decode(wrong, 0), { name: 'CorruptBodyError' });
  }
  assert.throws(
    () => codec.encode({ mask: new Uint8Array(3) }, random),
    /expected a Uint8Array of 400 elements, got 3/,
  );
  assert.throws(
    () => codec.encode({ mask: new Uint8Array(400).fill(2) }, random),
    /expected 0 or 1 at index 0, got 2/,
  );
  const difference4 = createMaskCodec(maskCodecOption().parse('difference-mask'), [4]);
  const reference = { id: 0, mask: new Uint8Array(4) };
  assert.throws(
    () => difference4.encode({ mask: new Uint8Array(4), reference }, random),
    /with a number from 1 to/,
  );
});
