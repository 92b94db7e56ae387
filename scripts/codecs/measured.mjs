// What each codec sends of one vector, beside bounds.
import { Random } from '../../dist/src/random.js';
import { unpack } from '../../dist/src/wire/codes.js';
import { chosen, codecOf, model, normalNumbers, titleOf } from './subjects.mjs';

/** Sum of −log₂ of the shares of the numbers, in bytes: what an ideal code takes that knows the shares. */
function entropyBytes(numbers) {
  const counts = new Map();
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / numbers.length);
  return bits / 8;
}

const floatAt = (bytes, offset) => new DataView(bytes.buffer, bytes.byteOffset).getFloat32(offset, true);

/** Bytes of log₂ C(n, k): which k of n coordinates there are. */
function choiceBytes(n, k) {
  let bits = 0;
  for (let i = 1; i <= k; i++) bits += Math.log2((n - k + i) / i);
  return bits / 8;
}

/** The least that a lossless code of what the codec has to tell could take; undefined where the codec has no such code. */
function losslessBound(choice, values) {
  const { use, levels = 7, coding, indices } = typeof choice === 'string' ? { use: choice } : choice;
  const { length } = values;
  if (use === 'qsgd' && coding === 'arithmetic') {
    const { bytes } = codecOf({ ...choice, coding: 'packed' }).encode({ values }, new Random('codecs'));
    const norms = 4 * Math.ceil(length / 512);
    const width = Math.ceil(Math.log2(2 * levels + 1));
    return norms + entropyBytes(unpack(bytes.subarray(norms), { count: length, width }));
  }
  if (use === 'entropy-quantized') {
    const codec = codecOf(choice);
    const { bytes } = codec.encode({ values }, new Random('codecs'));
    const size = floatAt(bytes, 0);
    return 4 + entropyBytes(codec.decode(bytes, 0).values.map((value) => Math.round(value / size)));
  }
  const kept = Math.floor(length / 10);
  if (use === 'top-k' && indices === 'varint') return 4 * kept + choiceBytes(length, kept);
  return undefined;
}

/** One row for each codec. */
export function sizes() {
  const first = normalNumbers('codecs');
  const step = normalNumbers('codecs, a step');
  const second = first.map((value, i) => value + 0.1 * step[i]);
  return chosen.map((choice) => {
    const codec = codecOf(choice);
    const isDelta = choice.use === 'delta';
    const random = new Random('codecs');
    const memory = { value: undefined, to: [1] };
    const received = { value: undefined };
    let sent = { values: first };
    let encoded = codec.encode(sent, random, memory);
    let view = codec.decode(encoded.bytes, encoded.indexBytes, received);
    if (isDelta) {
      sent = { values: second };
      encoded = codec.encode(sent, random, memory);
      view = codec.decode(encoded.bytes, encoded.indexBytes, received);
    }
    const got = new Float32Array(model.length);
    for (const [k, value] of view.values.entries()) got[view.indices ? view.indices[k] : k] = value;
    const squares = (values) => values.reduce((sum, value) => sum + value * value, 0);
    const error = squares(sent.values.map((value, i) => value - got[i])) / squares(sent.values);
    return {
      title: isDelta ? `${titleOf(choice)}, not whole` : titleOf(choice),
      bytes: encoded.bytes.length,
      error: Math.sqrt(error),
      lossless: losslessBound(choice, sent.values),
      // A receiver of differences knows something already.
      shannon: isDelta || error === 0 ? undefined : Math.max(0, (-0.5 * Math.log2(error) * model.length) / 8),
    };
  });
}
