/** The two tasks of meta-L2C: scores of the received updates, and one step of the encoder. */
import type { TaskDefinition } from '../../compute/task.js';
import { type AdamMoments, type AdamSettings, adamStep } from './adam64.js';
import { type EncoderLayout, encoderFlops, encoderGradient, scores } from './attention-encoder.js';

/** Plain data. */
export interface AttendInput {
  readonly layout: EncoderLayout;
  /** ϕ, float32 [layout.length]. */
  readonly encoder: Float32Array;
  /** U_j of all members, float32 [params] each. */
  readonly vectors: readonly Float32Array[];
  /** Place of the node's own among them. */
  readonly self: number;
}

/** Scores of the members: float64 [vectors]. */
export interface AttendOutput {
  readonly scores: Float64Array;
}

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

/** Plain data. */
export interface EncoderStepInput extends AttendInput {
  /** Gradient of the validation loss with respect to the scores. */
  readonly ofScores: Float64Array;
  readonly moments: AdamMoments;
  readonly settings: AdamSettings;
}

/** ϕ after the step, float32, and its moments. */
export interface EncoderStepOutput {
  readonly encoder: Float32Array;
  readonly moments: AdamMoments;
}

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
