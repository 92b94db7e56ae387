// The vector on which codecs are compared, and the codecs: those of docs/wire.md's table and of `npm run bench:codecs`.
import { buildModel } from '../../dist/src/models/index.js';
import { Random } from '../../dist/src/random.js';
import { codecOption, createCodec } from '../../dist/src/wire/index.js';

/** The layout of an mlp with 64 hidden units on MNIST: 784 · 64 + 64 + 64 · 10 + 10 = 50,890 numbers. */
export const model = buildModel({
  use: 'mlp',
  options: { hidden: [64], headLayers: 1 },
  input: [28, 28, 1],
  classes: 10,
});

/** So many independent numbers of the normal distribution with the standard deviation 0.05. */
export function normalNumbers(name, length = model.length) {
  const random = new Random(name);
  return Float32Array.from({ length }, () => 0.05 * random.normal());
}

export const chosen = [
  'float32',
  'float16',
  'bfloat16',
  'qsgd',
  { use: 'qsgd', coding: 'arithmetic' },
  { use: 'qsgd', levels: 1 },
  { use: 'qsgd', levels: 1, coding: 'arithmetic' },
  'entropy-quantized',
  { use: 'entropy-quantized', step: 1 },
  'sign',
  { use: 'low-rank', rank: 4 },
  'top-k',
  { use: 'top-k', indices: 'varint' },
  'random-k',
  { use: 'delta', codec: 'sign' },
  { use: 'error-feedback', codec: 'sign' },
];

/** As in a scenario: `qsgd`, or `{ use: qsgd, levels: 1 }`. */
export function titleOf(choice) {
  if (typeof choice === 'string') return choice;
  return `{ ${Object.entries(choice)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} }`;
}

export const codecOf = (choice) => createCodec(codecOption().parse(choice), model);
