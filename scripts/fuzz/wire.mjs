// Bytes that claim to be the body of a message, and params that are sent: every codec, every codec of masks, records, headers, at all lengths.
// Bytes are refused or decoded to a value of the right shape, which would be sent as the same bytes; what was sent is received within the
// codec's promise.

import { crc32 } from 'node:zlib';
import { Random } from '../../dist/src/random.js';
import { CorruptBodyError } from '../../dist/src/wire/codec.js';
import { codecs } from '../../dist/src/wire/codecs.js';
import { empty, number, numbers } from '../../dist/src/wire/control.js';
import {
  CorruptMessageError,
  decodeMessage,
  encodeMessage,
  withChecksum,
} from '../../dist/src/wire/header.js';
import { maskCodecs } from '../../dist/src/wire/mask-codecs.js';
import { maskedValues } from '../../dist/src/wire/masked-values.js';
import { record } from '../../dist/src/wire/record.js';
import { layoutOf, promises } from './support/codec-promises.mjs';
import { damaged } from './support/damage.mjs';
import { expect } from './support/inputs.mjs';

export default {
  name: 'wire',
  runs: 60_000,
  short: 500,
  async open() {
    return {
      async try(draw, { keep }) {
        const subject = drawSubject(draw);
        keep('codec.txt', `${subject.codec.id}\n`);
        const { bytes, indexBytes } = subject.codec.encode(subject.body, new Random('wire'));
        if (subject.canBeRead === false) return decoded(subject, bytes, indexBytes);
        const received = subject.codec.decode(bytes.slice(), indexBytes);
        expect(subject.isFaithful(received), `${subject.codec.id}: what is received is not what was sent`);
        const message = encodeMessage(
          { type: 1, from: 0, to: 1, round: 2, sequence: 3 },
          withChecksum({ bytes, indexBytes, valuesBytes: 0, headerBytes: 0 }),
        );
        expect(same(decodeMessage(message).body, bytes), 'header: the body is that of the message');
        headerRefuses(draw, message);
        const got = draw.chance(0.15)
          ? draw.bytes(draw.pick([0, 1, 3, bytes.length, 2 * bytes.length]))
          : damaged(bytes, draw);
        keep('bytes.bin', got);
        return decoded(subject, got, drawIndexBytes(draw, { indexBytes, length: got.length }));
      },
    };
  },
};

/** Damaged bytes are no message, unless length and checksum happen to fit: those of an empty body are zeros. */
function headerRefuses(draw, message) {
  const got = damaged(message, draw);
  try {
    const { header, body } = decodeMessage(got);
    const fits = header.payloadBytes === body.length && header.crc32 === crc32(body);
    expect(fits && header.indexBytes <= body.length, 'header: a message whose body does not fit its header');
  } catch (error) {
    if (!(error instanceof CorruptMessageError)) throw error;
  }
}

function drawIndexBytes(draw, { indexBytes, length }) {
  return draw.chance(0.7)
    ? indexBytes
    : draw.pick([0, length, Math.max(0, indexBytes - 1), indexBytes + 1, draw.integer(length + 1)]);
}

function decoded({ codec, isWellFormed, again, isAmbiguous }, bytes, indexBytes) {
  const before = bytes.slice();
  let view;
  try {
    view = codec.decode(bytes, indexBytes);
  } catch (error) {
    expect(
      error instanceof CorruptBodyError,
      () => `${codec.id}: expected a CorruptBodyError, got ${error?.stack ?? error}`,
    );
    return 'refused';
  }
  expect(same(bytes, before), `${codec.id}: decoding changes the bytes`);
  expect(isWellFormed(view), `${codec.id}: decoded to a value of another shape`);
  if (isAmbiguous) return 'accepted';
  const written = codec.encode(again(view), new Random('wire'));
  expect(
    same(written.bytes, bytes) && written.indexBytes === indexBytes,
    `${codec.id}: decoded bytes that it would not write`,
  );
  return 'accepted';
}

function drawSubject(draw) {
  const length = draw.chance(0.7) ? draw.integer(70) : draw.integer(3000);
  return draw.pick([
    vectorSubject,
    vectorSubject,
    chainSubject,
    maskSubject,
    maskSubject,
    maskedSubject,
    recordSubject,
    controlSubject,
  ])(draw, length);
}

function vectorSubject(draw, length) {
  const entry = draw.pick(codecs);
  const size = Math.max(1, length);
  const promise = promises[entry.id];
  expect(promise, `${entry.id}: no promise in support/codec-promises.mjs`);
  const options = promise.options(draw, size);
  const codec = entry.create(entry.options.parse(options), layoutOf(size));
  const values = drawVector(draw, size);
  return {
    codec,
    body: { values, ...(draw.chance(0.3) && { rank: drawVector(draw, size) }) },
    isFaithful: (view) => promise.isFaithful(values, view, options),
    isWellFormed: (view) => isVector(view, size),
    again: (view) => sentAgain(view, size),
    ...(promise.isAmbiguous && { isAmbiguous: true }),
  };
}

/** The second message of a chain of differences, for a receiver that has the first, or has not. */
function chainSubject(draw, length) {
  const size = Math.max(1, length);
  const entry = codecs.find(({ id }) => id === 'delta');
  const inner = draw.pick(['float32', 'sign', 'qsgd', 'top-k', 'random-k', 'low-rank', 'entropy-quantized']);
  const codec = entry.create(entry.options.parse({ codec: inner }), layoutOf(size));
  const [sent, had] = [{ value: undefined, to: [1] }, { value: undefined }];
  const first = codec.encode({ values: finite(drawVector(draw, size)) }, new Random('first'), sent);
  if (draw.chance(0.8)) codec.decode(first.bytes, first.indexBytes, had);
  const values = finite(drawVector(draw, size));
  return {
    codec: {
      id: codec.id,
      encode: (body, random) => codec.encode(body, random, { ...sent }),
      decode: (bytes, indexBytes) => codec.decode(bytes, indexBytes, { ...had }),
    },
    body: { values },
    canBeRead: had.value !== undefined,
    isFaithful: (view) => inner !== 'float32' || isVector(view, size),
    isWellFormed: (view) => isVector(view, size),
    again: (view) => ({ values: view.values }),
    isAmbiguous: true,
  };
}

const finite = (values) => values.map((value) => (Math.abs(value) < 1e18 ? value : 0));

/** All kinds of float32. */
function drawVector(draw, length) {
  const bytes = draw.chance(0.3) ? draw.bytes(4 * length) : undefined;
  if (bytes) return new Float32Array(bytes.buffer);
  const scale = 10 ** draw.between(-45, 38);
  return Float32Array.from({ length }, () => (draw.chance(0.1) ? 0 : (draw.uniform() - 0.5) * scale));
}

function isVector({ length, values, indices }, expected) {
  if (length !== expected || !(values instanceof Float32Array)) return false;
  if (indices === undefined) return values.length === expected;
  return (
    values.length === indices.length &&
    indices.every((index, k) => index < expected && (k === 0 || index > indices[k - 1]))
  );
}

/** A body that is encoded to the same bytes: of a sparse vector, what it has ranks first. */
function sentAgain({ values, indices }, length) {
  if (indices === undefined) return { values };
  const [all, rank] = [new Float32Array(length), new Float32Array(length)];
  const bits = (array) => new Uint32Array(array.buffer, array.byteOffset, array.length);
  for (const [k, index] of indices.entries()) {
    bits(all)[index] = bits(values)[k];
    rank[index] = 1;
  }
  return { values: all, rank };
}

function drawMask(draw, length) {
  const share = draw.pick([0, 0.01, 0.5, 0.9, 1]);
  return Uint8Array.from({ length }, () => (draw.chance(share) ? 1 : 0));
}

function maskSubject(draw, length) {
  const layers = [];
  for (let left = length; left > 0; left -= layers.at(-1))
    layers.push(Math.min(left, 1 + draw.integer(length)));
  const entry = draw.pick(maskCodecs);
  const codec = entry.create({}, layers);
  const mask = drawMask(draw, length);
  const reference = draw.chance(0.5)
    ? { id: draw.between(1, 2 ** 32 - 1), mask: drawMask(draw, length) }
    : undefined;
  return {
    codec,
    body: { mask, ...(reference && { reference }) },
    isFaithful: ({ reference: id, bits }) =>
      (id === 0 || id === reference.id) &&
      bits.every((bit, i) => (id === 0 ? bit : bit ^ reference.mask[i]) === mask[i]),
    isWellFormed: ({ reference: id, bits }) => Number.isInteger(id) && id >= 0 && isMask(bits, length),
    again: ({ reference: id, bits }) =>
      id === 0 ? { mask: bits } : { mask: bits, reference: { id, mask: new Uint8Array(length) } },
    // Which of the codecs was the smallest depends on the reference, which the receiver need not have.
    ...(entry.id === 'smallest-of' && { isAmbiguous: true }),
    // In a record, a part that has no declared size may begin elsewhere with the same bytes of the field.
    isUnsized: true,
  };
}

const isMask = (bits, length) =>
  bits instanceof Uint8Array && bits.length === length && bits.every((bit) => bit <= 1);

function maskedSubject(draw, length) {
  const mask = drawMask(draw, length);
  const values = drawVector(draw, length).map((value, i) => (mask[i] === 1 ? value : 0));
  return {
    codec: maskedValues(length),
    body: { values, mask },
    isFaithful: (view) =>
      same(view.mask, mask) && promises.float32.isFaithful(values, { values: view.values }),
    isWellFormed: (view) => isMask(view.mask, length) && isVector({ ...view, indices: undefined }, length),
    again: ({ values: got, mask: kept }) => ({ values: got, mask: kept }),
  };
}

function controlSubject(draw, length) {
  const form = draw.pick(['float64', 'u32']);
  const one = () =>
    form === 'u32' ? draw.integer(2 ** 32) : draw.pick([0, -0, 1e308, Number.NaN, -1 / 3, draw.uniform()]);
  if (draw.chance(0.1)) return plainSubject(empty, null);
  if (draw.chance(0.3)) return plainSubject(number(form, draw.pick(['values', 'header'])), one());
  return plainSubject(numbers(form, length), Array.from({ length }, one));
}

function plainSubject(codec, body) {
  const isEqual = (a, b) =>
    Array.isArray(a) ? a.length === b.length && a.every((one, i) => Object.is(one, b[i])) : Object.is(a, b);
  return {
    codec,
    body,
    isFaithful: (view) => isEqual(view, body),
    isWellFormed: () => true,
    again: (view) => view,
  };
}

/** Two to four fields of any kind. */
function recordSubject(draw, length) {
  const fields = Array.from({ length: draw.between(2, 4) }, () =>
    draw.pick([vectorSubject, maskSubject, maskedSubject, controlSubject])(draw, draw.integer(length + 1)),
  );
  const named = (pick) => Object.fromEntries(fields.map((field, k) => [`field${k}`, pick(field, k)]));
  return {
    codec: record(named(({ codec }) => codec)),
    body: named(({ body }) => body),
    isFaithful: (view) => fields.every((field, k) => field.isFaithful(view[`field${k}`])),
    isWellFormed: (view) => fields.every((field, k) => field.isWellFormed(view[`field${k}`])),
    again: (view) => named((field, k) => field.again(view[`field${k}`])),
    ...(fields.some(({ isAmbiguous, isUnsized }) => isAmbiguous || isUnsized) && { isAmbiguous: true }),
  };
}

function same(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
