/** What a task is: a pure computation on plain data, run later, in groups, anywhere. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Machine } from '../numeric/machine.js';
import type { Bytes } from '../units.js';

/**
 * A pure function of its inputs. Inputs and outputs are plain data (JSON values and typed arrays), frozen by
 * contract: never mutated after they were handed over. Tensors live inside `run` only.
 * @public
 */
export interface TaskDefinition<Input = unknown, Output = unknown> {
  /** Kebab-case, for people and traces: `train`. */
  readonly id: string;
  /** `import.meta.url` of the module that exports this definition; a worker imports it from there. */
  readonly module: string;
  /** The name under which that module exports it. */
  readonly export: string;
  /** Inputs with equal keys may run in one group (same model, same batch size, …). */
  group(input: Input): string;
  /**
   * Whether step programs compute an input, each for itself: then it is not kept back for a group, but may run as soon as
   * it is submitted. Not asked on `tensorflow`.
   * @defaultValue false
   */
  byProgram?(input: Input): boolean;
  /** Cost in floating-point operations, known from the shapes alone; ≥ 0. Virtual time is this ÷ the node's speed. */
  flops(input: Input): number;
  /**
   * How many gradients an input asks for, and on how many samples in all: what the run counts as work. Default: none,
   * as for evaluations.
   */
  gradients?(input: Input): Gradients;
  /** Bytes of tensors that one member of a group keeps in cache while it runs; bounds the size of a group. */
  footprint(input: Input): Bytes;
  /**
   * The output as far as it is known from the input without computing it: plain values that other nodes or later inputs depend on,
   * and `outline(length)` in place of float32 vectors. Runs with `timingOnly` take it for the output.
   * @defaultValue such runs are refused
   */
  outline?(input: Input): Output;
  /**
   * Runs a group; `outputs[i]` belongs to `inputs[i]`. Law: the bits of an output depend neither on the other members
   * of the group nor on their order. Output arrays are given away: each call makes new ones (or returns constants), and
   * the module keeps none of them.
   */
  run(inputs: readonly Input[], context: TaskContext): Output[];
}

/** Gradients of a loss: how many, and over how many samples in all (of which some may come more than once). @public */
export interface Gradients {
  readonly steps: number;
  readonly samples: number;
}

/** A definition of any input and output, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every TaskDefinition<Input, Output> is assignable to.
export type AnyTask = TaskDefinition<any, any>;

/** What a running task may use. @public */
export interface TaskContext {
  /**
   * tfjs-core, with the run's backend active; `run` is called inside `tf.tidy`. It is not loaded for inputs that step
   * programs compute (`byProgram`): asserts that they do not ask for it.
   */
  readonly tf: typeof tf;
  /**
   * Runs step programs. Absent on `tensorflow`. A task that can be computed both ways uses programs if there is a machine,
   * so that the plan and the backend alone decide which way it is.
   */
  readonly machine?: Machine | undefined;
  /**
   * A constant that every worker has from the start of the run, such as `dataset`. Asserts that there is one of that
   * name.
   */
  constant(name: string): unknown;
}

/**
 * What computes. `native`, `wasm` and `cpu` run step programs with the same bits: in compiled C, in WebAssembly, in
 * TypeScript. What has no program is computed by TensorFlow.js, on its own `cpu` for `cpu` and on its `wasm` for both
 * others. `tensorflow` computes all of it by @tensorflow/tfjs-node.
 * @public
 */
export type BackendName = 'native' | 'wasm' | 'cpu' | 'tensorflow';
