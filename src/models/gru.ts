/** A model of text: it reads characters and predicts the next one. */
import { z } from 'zod';
import { count } from '../options/index.js';
import { embeddingEntry } from './layers/embedding.js';
import { gruEntry } from './layers/gru.js';
import type { ModelEntry } from './model.js';
import { buildNetwork } from './network.js';
import { reference } from './references.js';

interface GruModelOptions {
  readonly embedding: number;
  readonly hidden: readonly number[];
  readonly vocabulary?: number | undefined;
  readonly headLayers: number;
}

/** Samples are whole numbers below the vocabulary, one for each step, such as characters by their number. */
export const gru: ModelEntry<GruModelOptions> = {
  id: 'gru',
  description:
    'text model: an embedding of characters, gated recurrent units, and a dense layer to the next character',
  reference: 'Cho et al., EMNLP 2014; the task and the embedding of 8: Caldas et al., LEAF, 2018',
  options: z.strictObject({
    embedding: count().default(8).describe('length of the vector of a character'),
    hidden: z
      .array(count())
      .min(1)
      .default([64])
      .describe('units of each recurrent layer, one after the other'),
    vocabulary: count()
      .optional()
      .describe('how many different characters there are; default: the number of classes'),
    headLayers: count().default(1).describe('how many layers, from the last one down, form the head'),
  }),
  build(spec) {
    const { embedding, hidden, vocabulary, headLayers } = spec.options;
    const recurrent = hidden.map((units, k) =>
      reference(gruEntry, { units, output: k < hidden.length - 1 ? 'all' : 'last' }),
    );
    const first = reference(embeddingEntry, { units: embedding, vocabulary });
    return buildNetwork(spec, { layers: [first, ...recurrent], headLayers });
  },
};
