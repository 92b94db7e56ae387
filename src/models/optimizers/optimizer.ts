/** What an optimiser is: a pure step on the stacked slices of the params, with state that goes in and out of a task. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Place, ProgramBuilder } from '../../numeric/program.js';
import type { Entry } from '../../options/index.js';

/**
 * One slice of a stack: its params and the optimiser's state for them. (A type, since `tidy` takes no interface.)
 * @public
 */
export type OptimizerSlice = {
  /** float32 [nodes, …slice.shape]. */
  readonly params: tf.Tensor;
  /** One tensor for each array of the optimiser's state, each in the shape of the params; zeros before the first step. */
  readonly state: tf.Tensor[];
};

/** What a step of an optimiser starts from. @public */
export interface OptimizerStep extends OptimizerSlice {
  /** The gradient by the params, in their shape; see {@link OptimizerEntry.takesScaledGradient}. */
  readonly gradient: tf.Tensor;
  /** Number of this step; the first is 1. */
  readonly step: number;
  readonly learningRate: number;
}

/** A kind of optimiser that a scenario can name. @public */
export interface OptimizerEntry<Options = unknown> extends Entry<Options> {
  /** How many arrays of the length of the params the state has. */
  stateArrays(options: Options): number;
  /** Floating-point operations for one param in one step. */
  flops(options: Options): number;
  /**
   * Whether a step takes the gradient times the learning rate, a factor that costs nothing where gradients are made.
   * @defaultValue it takes the gradient itself
   */
  takesScaledGradient?(options: Options): boolean;
  /** The params and the state after a step. They are new tensors: those before the step are freed. */
  step(engine: typeof tf, options: Options, given: OptimizerStep): OptimizerSlice;
  /** The same step in a step program. Absent where only TensorFlow.js computes it. */
  readonly program?: OptimizerProgram<Options>;
}

/** A step of an optimiser in a step program. */
interface OptimizerProgram<Options = unknown> {
  /** The numbers that a step reads where `settings` lies, as float32; always as many. */
  settings(options: Options, step: Pick<OptimizerStep, 'step' | 'learningRate'>): readonly number[];
  /** Appends the step. */
  append(builder: ProgramBuilder, options: Options, at: OptimizerPlaces): void;
}

/** Where a step of an optimiser in a step program finds its numbers. */
export interface OptimizerPlaces {
  /** float32 [length]: what the step changes. */
  readonly params: Place;
  /** One place for each array of the state, float32 [length]. */
  readonly state: readonly Place[];
  /** The gradient itself, whatever `takesScaledGradient` says; float32 [length]. */
  readonly gradient: Place;
  readonly settings: Place;
  readonly length: number;
}
