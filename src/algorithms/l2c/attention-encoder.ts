/**
 * The attention encoder of meta-L2C: scores how much one node's model update resembles another's, tensor by tensor, and
 * the gradient of those scores with respect to the encoder's own numbers.
 *
 * u = U/(‖U‖ + 1e-10); per tensor l, row f = output unit (last dimension), x its numbers in u:
 *   e = tanh(tanh(x A_l + b_l) C_l + c_l)        float64 [k2];  E_l: all rows of the tensor
 *   s_ij = 1/L Σ_l 1/F_l ⟨E_l^j, E_l^i⟩
 * Plain loops in float64, the same bits on every backend and for any grouping; tanh is made of `Math.exp`, since the
 * last bit of `Math.tanh` depends on the engine.
 */
import type { TaskDefinition } from '../../compute/task.js';
import type { Slice } from '../../models/model.js';
import type { Random } from '../../random.js';
import { type AdamMoments, type AdamSettings, adamStep } from './adam64.js';

/** One tensor of the model, and its part of the encoder: A [inputs × k1], b [k1], C [k1 × k2], c [k2] at `from`. */
interface EncodedTensor {
  /** Where the tensor begins in the params. */
  readonly offset: number;
  readonly rows: number;
  readonly inputs: number;
  readonly from: number;
}

/** How an encoder lies on a model. Plain data. */
export interface EncoderLayout {
  readonly tensors: readonly EncodedTensor[];
  /** k1 and k2. */
  readonly hidden: number;
  readonly output: number;
  /** Numbers of the encoder, Σ_l (inputs·k1 + k1 + k1·k2 + k2). */
  readonly length: number;
}

/** The layers' outputs for one vector, by tensor: float64 [rows × k1] and [rows × k2]. */
interface Encoding {
  /** 1/(‖U‖ + 1e-10). */
  readonly scale: number;
  readonly hidden: readonly Float64Array[];
  readonly output: readonly Float64Array[];
}

/** Lays the encoder out, in the order of the slices; kernels and biases are tensors of their own. */
export function encoderLayout(
  slices: readonly Pick<Slice, 'shape' | 'offset' | 'length'>[],
  { hidden, output }: { readonly hidden: number; readonly output: number },
): EncoderLayout {
  let length = 0;
  const tensors = slices.map(({ shape, offset, length: size }) => {
    const rows = shape[shape.length - 1]!;
    const tensor = { offset, rows, inputs: size / rows, from: length };
    length += tensor.inputs * hidden + hidden + hidden * output + output;
    return tensor;
  });
  return { tensors, hidden, output, length };
}

/** Both layers uniform in ±1/√fan-in, biases too; float32 [length]. */
export function drawEncoder(
  { tensors, hidden, output, length }: EncoderLayout,
  random: Random,
): Float32Array {
  const encoder = new Float32Array(length);
  for (const { from, inputs } of tensors) {
    const second = from + inputs * hidden + hidden;
    const end = second + hidden * output + output;
    for (let i = from; i < end; i++) {
      const bound = 1 / Math.sqrt(i < second ? inputs : hidden);
      encoder[i] = bound * (2 * random.uniform() - 1);
    }
  }
  return encoder;
}

/** E of one vector U, float32 [params]. */
export function encode(layout: EncoderLayout, encoder: ArrayLike<number>, vector: Float32Array): Encoding {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  const scale = 1 / (Math.sqrt(squares) + 1e-10);
  const hidden: Float64Array[] = [];
  const output: Float64Array[] = [];
  const { hidden: k1, output: k2 } = layout;
  for (const { offset, rows, inputs, from } of layout.tensors) {
    const first = new Float64Array(rows * k1);
    for (let a = 0; a < inputs; a++) {
      const weights = from + a * k1;
      for (let f = 0; f < rows; f++) {
        const x = vector[offset + a * rows + f]!;
        const sums = f * k1;
        // Pixels that are always black make many zeros.
        if (x !== 0) for (let k = 0; k < k1; k++) first[sums + k]! += x * encoder[weights + k]!;
      }
    }
    const bias = from + inputs * k1;
    for (let i = 0; i < first.length; i++) first[i] = tanh(first[i]! * scale + encoder[bias + (i % k1)]!);
    hidden.push(first);
    output.push(secondLayer(first, encoder, { rows, from: bias + k1, k1, k2 }));
  }
  return { scale, hidden, output };
}

function secondLayer(
  first: Float64Array,
  encoder: ArrayLike<number>,
  at: { rows: number; from: number; k1: number; k2: number },
): Float64Array {
  const { rows, from, k1, k2 } = at;
  const second = new Float64Array(rows * k2);
  for (let f = 0; f < rows; f++) {
    for (let k = 0; k < k2; k++) {
      let sum = encoder[from + k1 * k2 + k]!;
      for (let h = 0; h < k1; h++) sum += first[f * k1 + h]! * encoder[from + h * k2 + k]!;
      second[f * k2 + k] = tanh(sum);
    }
  }
  return second;
}

/** s_ij of two vectors; symmetric. */
export function score({ tensors }: EncoderLayout, a: Encoding, b: Encoding): number {
  let total = 0;
  for (const [l, { rows }] of tensors.entries()) {
    const [first, second] = [a.output[l]!, b.output[l]!];
    let sum = 0;
    for (let i = 0; i < first.length; i++) sum += first[i]! * second[i]!;
    total += sum / rows;
  }
  return total / tensors.length;
}

/** The last encoding of each vector, and what encoded it. */
const lastEncodings = new WeakMap<
  Float32Array,
  { readonly layout: string; readonly encoder: ArrayLike<number>; readonly encoding: Encoding }
>();

/**
 * {@link encode} of vectors that nobody changes: once for all nodes that have received a vector, as long as their encoders
 * are equal.
 */
function encodeAll(
  layout: EncoderLayout,
  encoder: ArrayLike<number>,
  vectors: readonly Float32Array[],
): Encoding[] {
  const key = JSON.stringify(layout);
  return vectors.map((vector) => {
    const known = lastEncodings.get(vector);
    if (known?.layout === key && areEqual(known.encoder, encoder)) return known.encoding;
    const encoding = encode(layout, encoder, vector);
    lastEncodings.set(vector, { layout: key, encoder, encoding });
    return encoding;
  });
}

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Scores of all vectors against the one at place `self`: float64 [vectors]. Nobody may change any of them later. */
export function scores(
  layout: EncoderLayout,
  encoder: ArrayLike<number>,
  vectors: readonly Float32Array[],
  self: number,
): Float64Array {
  const encodings = encodeAll(layout, encoder, vectors);
  return Float64Array.from(encodings, (encoding) => score(layout, encoding, encodings[self]!));
}

/** Gradient of a loss with respect to the encoder, from its gradient with respect to the scores: float64 [length]. */
export function encoderGradient(
  layout: EncoderLayout,
  encoder: ArrayLike<number>,
  vectors: readonly Float32Array[],
  { self, ofScores }: { readonly self: number; readonly ofScores: ArrayLike<number> },
): Float64Array {
  const gradient = new Float64Array(layout.length);
  const encodings = encodeAll(layout, encoder, vectors);
  for (const [l, { rows }] of layout.tensors.entries()) {
    const outputs = encodings.map(({ output }) => output[l]!);
    // This node's own encoding is part of every score.
    const ofOwn = new Float64Array(outputs[self]!.length);
    for (const [j, output] of outputs.entries()) {
      for (let i = 0; i < ofOwn.length; i++) ofOwn[i]! += ofScores[j]! * output[i]!;
    }
    const share = 1 / (layout.tensors.length * rows);
    for (const [j, vector] of vectors.entries()) {
      const own = outputs[self]!;
      const ofOutput = own.map((e, i) => share * (ofScores[j]! * e + (j === self ? ofOwn[i]! : 0)));
      backward({ layout, encoder, gradient }, l, vector, encodings[j]!, ofOutput);
    }
  }
  return gradient;
}

/** Adds what one vector contributes to the gradient of one tensor's part. */
function backward(
  work: { layout: EncoderLayout; encoder: ArrayLike<number>; gradient: Float64Array },
  l: number,
  vector: Float32Array,
  encoding: Encoding,
  ofOutput: Float64Array,
): void {
  const { layout, encoder, gradient } = work;
  const { hidden: k1, output: k2 } = layout;
  const { offset, rows, inputs, from } = layout.tensors[l]!;
  const [first, second] = [encoding.hidden[l]!, encoding.output[l]!];
  const bias = from + inputs * k1;
  const kernel = bias + k1;
  const ofFirst = new Float64Array(rows * k1);
  for (let i = 0; i < ofOutput.length; i++) {
    const [f, k] = [Math.floor(i / k2), i % k2];
    const slope = ofOutput[i]! * (1 - second[i]! * second[i]!);
    gradient[kernel + k1 * k2 + k]! += slope;
    for (let h = 0; h < k1; h++) {
      gradient[kernel + h * k2 + k]! += first[f * k1 + h]! * slope;
      ofFirst[f * k1 + h]! += encoder[kernel + h * k2 + k]! * slope;
    }
  }
  for (let i = 0; i < ofFirst.length; i++) {
    ofFirst[i]! *= 1 - first[i]! * first[i]!;
    gradient[bias + (i % k1)]! += ofFirst[i]!;
    ofFirst[i]! *= encoding.scale;
  }
  for (let a = 0; a < inputs; a++) {
    const sums = from + a * k1;
    for (let f = 0; f < rows; f++) {
      const x = vector[offset + a * rows + f]!;
      const factors = f * k1;
      if (x !== 0) for (let k = 0; k < k1; k++) gradient[sums + k]! += x * ofFirst[factors + k]!;
    }
  }
}

/** Floating-point operations of encoding one vector; a gradient costs twice as many more. */
export function encoderFlops({ tensors, hidden, output }: EncoderLayout): number {
  return tensors.reduce(
    (sum, { rows, inputs }) => sum + 2 * rows * hidden * (inputs + output) + 8 * rows * (hidden + output),
    0,
  );
}

/** 1 − 2/(e^2x + 1), in [−1, 1]. */
function tanh(x: number): number {
  return 1 - 2 / (Math.exp(2 * x) + 1);
}

/** Input of {@link attend}. Plain data. */
export interface AttendInput {
  readonly layout: EncoderLayout;
  /** ϕ, float32 [layout.length]. */
  readonly encoder: Float32Array;
  /** U_j of all members, float32 [params] each. */
  readonly vectors: readonly Float32Array[];
  /** Place of the node's own vector among them. */
  readonly self: number;
}

/** Scores of the members: float64 [vectors]. */
interface AttendOutput {
  readonly scores: Float64Array;
}

/** The task that scores what a node has received. */
export const attend: TaskDefinition<AttendInput, AttendOutput> = {
  id: 'attend',
  module: import.meta.url,
  export: 'attend',
  group: ({ layout }) => JSON.stringify(layout),
  flops: ({ layout, vectors }) => vectors.length * encoderFlops(layout),
  footprint,
  run: (inputs) =>
    inputs.map(({ layout, encoder, vectors, self }) => ({ scores: scores(layout, encoder, vectors, self) })),
};

/** Input of {@link encoderStep}. Plain data. */
interface EncoderStepInput extends AttendInput {
  /** Gradient of the validation loss with respect to the scores. */
  readonly ofScores: Float64Array;
  readonly moments: AdamMoments;
  readonly settings: AdamSettings;
}

/** ϕ after the step, float32, and its moments. */
interface EncoderStepOutput {
  readonly encoder: Float32Array;
  readonly moments: AdamMoments;
}

/** The task of one step of the encoder down the gradient of the validation loss. */
export const encoderStep: TaskDefinition<EncoderStepInput, EncoderStepOutput> = {
  id: 'encoder-step',
  module: import.meta.url,
  export: 'encoderStep',
  group: ({ layout }) => JSON.stringify(layout),
  flops: ({ layout, vectors }) => 3 * vectors.length * encoderFlops(layout) + 16 * layout.length,
  footprint,
  run: (inputs) =>
    inputs.map((input) => {
      const { layout, encoder, vectors, moments, settings } = input;
      const gradient = encoderGradient(layout, encoder, vectors, input);
      const stepped = adamStep(encoder, moments, gradient, settings);
      return { encoder: Float32Array.from(stepped.values), moments: stepped.moments };
    }),
};

function footprint({ layout, vectors }: AttendInput): number {
  return 4 * vectors.reduce((sum, { length }) => sum + length, layout.length);
}
