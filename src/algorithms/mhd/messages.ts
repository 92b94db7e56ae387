/** Codecs of what teachers send. */
import { UsageError } from '../../errors.js';
import type { MultiHead } from '../../models/multi-head.js';
import type { Codec, VectorBody, VectorView } from '../../wire/codec.js';
import { float32 } from '../../wire/float32.js';
import { record } from '../../wire/record.js';
import type { SizedCodec } from '../../wire/sizes.js';
import type { Predictions } from './distillation.js';

/** On how many samples predictions are sent, and whether with embeddings. */
interface PredictionsShape {
  readonly samples: number;
  readonly embeddings: boolean;
}

/** {@link Predictions} as float32: 4 · samples · (E, where embeddings are sent, + m · classes) bytes. */
export function predictionsCodec(
  { representation, auxiliary, model }: MultiHead,
  { samples, embeddings }: PredictionsShape,
): SizedCodec<Predictions, Predictions> {
  // Without embeddings they have no numbers.
  const width = embeddings ? representation.length : 0;
  const codec = record({
    embeddings: float32(samples * width),
    probabilities: float32(samples * auxiliary * model.spec.classes),
  });
  return {
    id: codec.id,
    sizes: codec.sizes,
    encode: (body, random) =>
      codec.encode(
        { embeddings: { values: body.embeddings }, probabilities: { values: body.probabilities } },
        random,
      ),
    decode(bytes, indexBytes) {
      const decoded = codec.decode(bytes, indexBytes);
      return { embeddings: decoded.embeddings.values, probabilities: decoded.probabilities.values };
    },
  };
}

/** Dense float32 params of any of these models, which are distinguished by their lengths. */
export function modelsCodec(heads: readonly MultiHead[]): Codec<VectorBody, VectorView> {
  const codecs = heads.map(({ length }) => ({ length, codec: float32(length) }));
  const ofLength = (wanted: number) => (codecs.find(({ length }) => length === wanted) ?? codecs[0]!).codec;
  return {
    id: `float32(${heads.map(({ length }) => length).join(' or ')})`,
    ...(codecs.length === 1 && { sizes: codecs[0]!.codec.sizes }),
    encode: (body, random) => ofLength(body.values.length).encode(body, random),
    decode: (bytes, indexBytes) => ofLength(bytes.length / 4).decode(bytes, indexBytes),
  };
}

/** Throws a UsageError where the embeddings of the models differ in size. */
export function requireEqualEmbeddings(heads: readonly MultiHead[]): void {
  const widths = [...new Set(heads.map(({ representation }) => representation.length))];
  if (widths.length === 1) return;
  throw new UsageError(
    'unequal-embeddings',
    `expected models whose embeddings have one size, because nodes compare them, got ${widths.join(' and ')} numbers: ` +
      'give the last hidden layers the same width, or set nuEmb: 0',
    'model',
  );
}
