/**
 * A trained attention encoder as a JSON value, and back: one run leaves it in artifacts.json, and another starts
 * from it. It contains ϕ, and θ⁰ too, since an encoder compares how far nodes have moved from a common start.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { areFinite } from '../../learning/params.js';
import type { Model } from '../../models/model.js';
import { fromLittleEndian, toLittleEndian } from '../../wire/little-endian.js';
import { type EncoderLayout, encoderLayout } from './attention-encoder.js';

/** A trained encoder, with the params from which the nodes of its run started. */
export interface TrainedEncoder {
  readonly layout: EncoderLayout;
  /** ϕ, float32 [layout.length]. */
  readonly encoder: Float32Array;
  /** θ⁰, float32 [params]. */
  readonly initial: Float32Array;
}

const saved = z.strictObject({
  tensors: z.array(z.tuple([z.int().min(1), z.int().min(1)])),
  hidden: z.int().min(1),
  output: z.int().min(1),
  params: z.base64(),
  initial: z.base64(),
});

/**
 * JSON: rows and inputs of the model's tensors, k1, k2, and ϕ and θ⁰ as little-endian float32 in base64. NaN, which is no
 * artifact, where one of their numbers is not finite.
 */
export function saveEncoder({ layout, encoder, initial }: TrainedEncoder): z.output<typeof saved> | number {
  if (!areFinite(encoder) || !areFinite(initial)) return Number.NaN;
  const { hidden, output } = layout;
  return {
    tensors: tensorsOf(layout),
    hidden,
    output,
    params: toText(encoder),
    initial: toText(initial),
  };
}

/**
 * The encoder in the value of an artifacts.json (under `encoder`).
 * @throws UsageError `bad-encoder` where there is none, `encoder-model-mismatch` where it was trained on another model
 */
export function loadEncoder(value: unknown, model: Model, file: string): TrainedEncoder {
  const parsed = z.looseObject({ encoder: saved }).safeParse(value);
  if (!parsed.success) {
    throw bad(
      'bad-encoder',
      `the artifacts.json of a run of meta-l2c that trained an encoder, got ${file}, which has none: run meta-l2c without the option encoder first`,
    );
  }
  const { tensors, hidden, output, params, initial } = parsed.data.encoder;
  const layout = encoderLayout(model.slices, { hidden, output });
  const [own, got] = [tensorsOf(layout), tensors].map((list) =>
    list.map((sizes) => sizes.join('×')).join(', '),
  );
  if (own !== got) {
    throw bad(
      'encoder-model-mismatch',
      `an encoder for a model with tensors of ${own}, got one for tensors of ${got}: ${file}. Use the model that it was trained with`,
    );
  }
  return {
    layout,
    encoder: fromText(params, layout.length, file),
    initial: fromText(initial, model.length, file),
  };
}

/** Rows and inputs of each tensor. */
function tensorsOf({ tensors }: EncoderLayout): Array<[number, number]> {
  return tensors.map(({ rows, inputs }) => [rows, inputs]);
}

function toText(values: Float32Array): string {
  return Buffer.from(toLittleEndian(values)).toString('base64');
}

function fromText(text: string, length: number, file: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  if (bytes.length !== 4 * length) {
    throw bad('bad-encoder', `${length} float32 numbers in base64, got ${bytes.length} bytes: ${file}`);
  }
  const numbers = fromLittleEndian(Float32Array, bytes);
  if (!areFinite(numbers)) throw bad('bad-encoder', `finite numbers, got others: ${file}`);
  return numbers;
}

function bad(code: string, expected: string): UsageError {
  return new UsageError(code, `expected ${expected}`, 'algorithm.encoder');
}
