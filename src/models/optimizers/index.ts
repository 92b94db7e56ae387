/** The list of optimisers, how an algorithm's options choose from it, and how a task gets what was chosen. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { deepFreeze } from '../../compute/plain-data.js';
import type { ProgramBuilder } from '../../numeric/program.js';
import type { List } from '../../options/index.js';
import { describeReference, entryOf, type Reference, referenceOption } from '../references.js';
import { adam } from './adam.js';
import { amsgrad } from './amsgrad.js';
import type { OptimizerEntry, OptimizerPlaces, OptimizerSlice, OptimizerStep } from './optimizer.js';
import { checkedOptimizer } from './own-optimizer.js';
import { sgd } from './sgd.js';

/** Every optimiser that a scenario can name. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const optimizers: readonly OptimizerEntry<any>[] = [sgd, adam, amsgrad];

/** {@link optimizers} as a list to choose from. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export const optimizerList: List<OptimizerEntry<any>> = {
  what: 'optimizer',
  entries: optimizers,
  functions: ['stateArrays', 'flops', 'step'],
};

/** A chosen optimiser with its learning rate: plain data, from which every thread finds the optimiser again. @public */
export interface OptimizerSpec extends Reference {
  readonly learningRate: number;
}

/**
 * Schema of an algorithm's `optimizer` option: `adam`, or `{ use: sgd, momentum: 0.9 }`.
 * @param fallback what is chosen where a scenario does not say
 * @public
 */
export function optimizerOption(fallback: OptimizerChoice = 'sgd') {
  return referenceOption(optimizerList)
    .prefault(fallback)
    .describe('the name of an optimizer, or { use: name, …options }');
}

/** An optimiser as a scenario writes it. */
type OptimizerChoice = string | { readonly use: string; readonly [option: string]: unknown };

/** The options of an algorithm that trains; its schema spreads them in. @public */
export const optimizerOptions = {
  optimizer: optimizerOption(),
  learningRate: z.number().positive().default(0.05).describe('step size'),
};

/**
 * The spec for a task. The learning rate is the algorithm's own option, since it may change from round to round.
 * @public
 */
export function optimizerSpec({
  optimizer,
  learningRate,
}: {
  readonly optimizer: Reference;
  readonly learningRate: number;
}): OptimizerSpec {
  let spec = specs.get(optimizer);
  if (spec?.learningRate !== learningRate) {
    spec = deepFreeze({ ...optimizer, learningRate });
    specs.set(optimizer, spec);
  }
  return spec;
}

/** The last spec that was made of each choice. */
const specs = new WeakMap<Reference, OptimizerSpec>();

/** A chosen optimiser, ready for its steps. @public */
export interface Optimizer {
  /** How many arrays of the length of the params its state has. */
  readonly stateArrays: number;
  /** Floating-point operations for one param in one step. */
  readonly flops: number;
  /** The factor on the gradients that its steps take: 1, or the learning rate. */
  readonly gradientScale: number;
  /** The params and the state after a step. */
  step(engine: typeof tf, given: Omit<OptimizerStep, 'learningRate'>): OptimizerSlice;
  /** What tells its programs from those of others. */
  readonly key: string;
  /** Its steps in step programs. Absent where only TensorFlow.js computes them. */
  readonly program?: {
    /** The numbers that step number `step` reads, the first being 1. */
    settings(step: number): readonly number[];
    append(builder: ProgramBuilder, at: OptimizerPlaces): void;
  };
}

/** Optimisers by their spec, which nobody changes. */
const made = new WeakMap<OptimizerSpec, Optimizer>();

/** The optimiser of a spec. Throws a PluginError where one of the user's own fails. @public */
export function optimizerOf(spec: OptimizerSpec): Optimizer {
  let optimizer = made.get(spec);
  if (!optimizer) {
    optimizer = makeOptimizer(spec);
    made.set(spec, optimizer);
  }
  return optimizer;
}

function makeOptimizer(spec: OptimizerSpec): Optimizer {
  const { learningRate, module, options } = spec;
  const found = entryOf(optimizerList, spec);
  const entry =
    module === undefined ? found : checkedOptimizer(describeReference(optimizerList, spec), found);
  const { program } = entry;
  return {
    stateArrays: entry.stateArrays(options),
    flops: entry.flops(options),
    gradientScale: entry.takesScaledGradient?.(options) ? learningRate : 1,
    step: (engine, given) => entry.step(engine, options, { ...given, learningRate }),
    key: JSON.stringify([spec.use, module, options]),
    ...(program && {
      program: {
        settings: (step: number) => program.settings(options, { step, learningRate }),
        append: (builder: ProgramBuilder, at: OptimizerPlaces) => program.append(builder, options, at),
      },
    }),
  };
}
