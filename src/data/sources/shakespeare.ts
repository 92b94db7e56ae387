/** Shakespeare in LEAF's format: the next character of a text, role by role. */
import { z } from 'zod';
import { type LeafSample, refuseSample } from '../leaf-directory.js';
import { type LeafOptions, leafOptions, loadLeaf } from '../leaf-samples.js';
import type { DataSource } from '../source.js';

/** Options of `shakespeare`. */
interface ShakespeareOptions extends LeafOptions {
  readonly alphabet: string;
}

/** The 80 characters of LEAF, in its order. */
const LEAF = '\n !"&\'(),-.0123456789:;>?ABCDEFGHIJKLMNOPQRSTUVWXYZ[]abcdefghijklmnopqrstuvwxyz}';

/**
 * A sample is a piece of text, as bytes: the number of each character in the alphabet. Its class is the number of the character that
 * comes next. All pieces have the length of the first one, which is 80 in LEAF. Roles are the users.
 */
export const shakespeare: DataSource<ShakespeareOptions> = {
  id: 'shakespeare',
  description:
    "the next character of a text, with the roles that speak it, from a directory with LEAF's Shakespeare",
  reference: 'Caldas et al., LEAF: A Benchmark for Federated Settings, 2018',
  options: z.strictObject({
    ...leafOptions,
    alphabet: z
      .string()
      .min(2)
      .max(256)
      .refine((text) => new Set(text).size === text.length, { error: 'expected each character once' })
      .default(LEAF)
      .describe("the characters, each of which is a class; default: LEAF's 80"),
  }),
  load: ({ alphabet, ...options }, context) =>
    loadLeaf(options, context, (samples) => {
      const { length } = textOf(samples[0]!);
      const numbers = new Map([...alphabet].map((character, k) => [character, k]));
      const numberOf = (character: string, sample: LeafSample) => {
        const number = numbers.get(character);
        if (number !== undefined) return number;
        throw refuseSample(sample, 'characters of the alphabet', character);
      };
      return {
        id: 'shakespeare',
        shape: [length],
        stored: 'bytes',
        scale: 1,
        classes: alphabet.length,
        copy(sample, features, offset) {
          const text = textOf(samples[sample]!);
          if (text.length !== length)
            throw refuseSample(samples[sample]!, `x of ${length} characters, as the first one`, text);
          for (let k = 0; k < length; k++) features[offset + k] = numberOf(text[k]!, samples[sample]!);
        },
        label(sample) {
          const { y } = samples[sample]!;
          if (typeof y !== 'string' || y.length !== 1)
            throw refuseSample(samples[sample]!, 'y as one character', y);
          return numberOf(y, samples[sample]!);
        },
      };
    }),
};

function textOf(sample: LeafSample): string {
  if (typeof sample.x === 'string' && sample.x.length > 0) return sample.x;
  throw refuseSample(sample, 'x as a text', sample.x);
}
