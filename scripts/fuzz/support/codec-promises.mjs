// What each codec of the list promises of a vector that it carries, and options to try. A codec that is not here fails the first input that
// draws it.

const bits = (array) => new Uint32Array(array.buffer, array.byteOffset, array.length);
const areFinite = (values) => values.every((value) => Number.isFinite(value));

/** Every coordinate that is received has the bits that were sent. */
function isExact(values, view) {
  const [sent, got] = [bits(values), bits(view.values)];
  return [...(view.indices ?? sent.keys())].every((index, k) => sent[index] === got[k]);
}

/** Rounded to a format with so many significant bits, whose least positive number is `least` and which ends at `most`. */
const isRounded =
  ({ significant, least, most }) =>
  (values, view) =>
    values.every((value, i) => {
      const got = view.values[i];
      if (Number.isNaN(value)) return Number.isNaN(got);
      if (Math.abs(value) >= most) return got === Math.sign(value) * Number.POSITIVE_INFINITY;
      return Math.abs(value - got) <= Math.max(least / 2, Math.abs(value) * 2 ** -significant);
    });

/** Calls `holds` for each bucket with its values and what was received of them; a bucket that is not finite arrives as NaN. */
function inBuckets(values, view, size, holds) {
  for (let from = 0; from < values.length; from += size) {
    const own = values.subarray(from, from + size);
    const got = view.values.subarray(from, from + size);
    // A norm may be infinite though its values are not.
    const isTooLarge = !Number.isFinite(Math.fround(lengthOf(own)));
    if (!((isTooLarge && got.every(Number.isNaN)) || (areFinite(own) && holds(own, got)))) return false;
  }
  return true;
}

const largestOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const lengthOf = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** A vector of that length, as if it were a model of one matrix and a bias. */
export const layoutOf = (length) => {
  const columns = Math.max(1, Math.floor(Math.sqrt(length)));
  const matrix = columns * Math.floor(length / columns);
  return {
    length,
    slices: [
      { shape: [matrix / columns, columns], offset: 0, length: matrix },
      { shape: [length - matrix], offset: matrix, length: length - matrix },
    ],
  };
};

const keptOptions = (draw, length) =>
  draw.chance(0.5) ? { k: draw.between(1, length) } : { fraction: `${draw.between(1, 100)}%` };

/**
 * By codec: options, drawn for vectors of a length; whether what is received is faithful; `isAmbiguous` where what is received need not be
 * encoded to the same bytes again, since chance or the lost part decides.
 */
export const promises = {
  float32: { options: () => ({}), isFaithful: isExact },
  float16: {
    options: () => ({}),
    isFaithful: isRounded({ significant: 11, least: 2 ** -24, most: 65_520 }),
  },
  bfloat16: {
    options: () => ({}),
    isFaithful: isRounded({ significant: 8, least: 2 ** -133, most: 2 ** 128 - 2 ** 119 }),
  },
  'top-k': {
    options: (draw, length) => ({ ...keptOptions(draw, length), indices: draw.pick(['u32', 'varint']) }),
    isFaithful: isExact,
  },
  'random-k': { options: keptOptions, isFaithful: isExact, isAmbiguous: true },
  sign: {
    options: (draw, length) => (draw.chance(0.5) ? {} : { bucket: draw.between(1, length) }),
    isFaithful: (values, view, { bucket = values.length }) =>
      inBuckets(values, view, bucket, (own, got) =>
        own.every(
          (value, i) => (value < 0 || Object.is(value, -0)) === (got[i] < 0 || Object.is(got[i], -0)),
        ),
      ),
  },
  qsgd: {
    options: (draw, length) => ({
      levels: draw.pick([1, 2, 7, 100, 32_767]),
      bucket: draw.between(1, length),
      norm: draw.pick(['max', 'l2']),
      coding: draw.pick(['packed', 'arithmetic']),
    }),
    isFaithful: (values, view, { levels, bucket, norm }) =>
      inBuckets(values, view, bucket, (own, got) => {
        const gap = Math.fround((norm === 'max' ? largestOf : lengthOf)(own)) / levels;
        return own.every((value, i) => Math.abs(value - got[i]) <= gap * 1.000001 + 2 ** -149);
      }),
    isAmbiguous: true,
  },
  'low-rank': {
    options: (draw) => ({ rank: draw.between(1, 5) }),
    isFaithful(values, view) {
      const [matrix, bias] = layoutOf(values.length).slices;
      const [own, got] = [values, view.values].map((array) => array.subarray(0, matrix.length));
      const error = lengthOf(own.map((value, i) => value - got[i]));
      // An approximation is a projection, unless it leaves the range of float32.
      const isNear = !(lengthOf(own) < 1e37) || error <= 1.0001 * lengthOf(own) + 1e-40;
      return isNear && isExact(values.slice(bias.offset), { values: view.values.slice(bias.offset) });
    },
    isAmbiguous: true,
  },
  // A first message is whole; one without memory is encoded as by the other codec.
  delta: { options: () => ({}), isFaithful: isExact, isAmbiguous: true },
  'error-feedback': {
    options: (draw) => ({ codec: draw.pick(['float16', 'float32']) }),
    isFaithful: (values, view, { codec }) => promises[codec].isFaithful(values, view),
  },
  'entropy-quantized': {
    options: (draw) => ({ step: draw.pick([0.001, 0.25, 10]) }),
    isFaithful: (values, view, { step }) =>
      inBuckets(values, view, values.length, (own, got) => {
        const size = Math.max(2 ** -149, Math.fround((step * lengthOf(own)) / Math.sqrt(own.length)));
        return own.every(
          (value, i) => Math.abs(value - got[i]) <= size * 0.500001 + Math.abs(value) * 2 ** -24,
        );
      }),
    isAmbiguous: true,
  },
};
