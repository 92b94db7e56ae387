import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Random } from '../random.js';
import { createCodec } from './codecs.js';

const encoded = { bytes: new Uint8Array(4), valuesBytes: 4, indexBytes: 0, headerBytes: 0 };

/** A codec of the user's that decodes to `view`. */
function decoding(view: unknown) {
  const codec = { id: 'mine', encode: () => encoded, decode: () => view };
  const entry = { id: 'mine', description: '', options: z.any(), create: () => codec };
  return createCodec({ entry: entry as never, options: {} }, { length: 3 });
}

const values = new Float32Array(3);

test('what a codec of the user decodes is handed on where it is a vector', () => {
  for (const view of [
    { length: 3, values },
    { length: 3, values: Float32Array.of(5, 6), indices: Uint32Array.of(0, 2) },
    { length: 3, values: new Float32Array(0), indices: new Uint32Array(0) },
  ]) {
    assert.equal(decoding(view).decode(encoded.bytes, 0), view);
  }
  assert.equal(decoding(undefined).encode({ values }, new Random('unused')), encoded);
});

test('what is no vector is refused, with the name of the codec', () => {
  const two = Float32Array.of(5, 6);
  const wrong: [unknown, RegExp][] = [
    [undefined, /values as a Float32Array, got undefined/],
    [{ length: 3, values: [1, 2, 3] }, /values as a Float32Array, got 1,2,3/],
    [{ length: 4, values }, /a vector of length 3, got 4/],
    [{ length: 3, values: two }, /3 values, got 2/],
    [{ length: 3, values, indices: Uint32Array.of(0, 2) }, /2 values, got 3/],
    [{ length: 3, values: two, indices: [0, 2] }, /indices as a Uint32Array, got 0,2/],
    [{ length: 3, values: two, indices: Uint32Array.of(0, 3) }, /below 3, got 3 as number 1/],
    [{ length: 3, values: two, indices: Uint32Array.of(1, 1) }, /below 3, got 1 as number 1/],
    [{ length: 3, values: two, indices: Uint32Array.of(2, 1) }, /below 3, got 1 as number 1/],
  ];
  for (const [view, message] of wrong)
    assert.throws(
      () => decoding(view).decode(encoded.bytes, 0),
      (error: Error) =>
        error.name === 'PluginError' &&
        /^codec "mine", decode/.test(error.message) &&
        message.test(error.message),
    );
});
