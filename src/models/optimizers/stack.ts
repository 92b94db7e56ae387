/** Between the flat arrays that go in and out of a task, and the stacked slices that an optimiser steps. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../model.js';
import { stackSlices, unstackSlices } from '../stack.js';
import type { OptimizerSlice } from './optimizer.js';

/** What an optimiser changes on one node. */
export interface Trainee {
  /** float32 [params]. */
  readonly params: Float32Array;
  /** The arrays of the optimiser's state one after the other, float32 [stateArrays × params]; null where it has none. */
  readonly state: Float32Array | null;
}

/** How params lie in their flat vector. */
type Layout = Pick<Model, 'slices' | 'length'>;

/** A copy of a node's params, and of the state of its optimiser: all zeros where it has not taken a step. */
export function startTrainee(params: Float32Array, state: Float32Array | null, arrays: number): Trainee {
  if (arrays === 0) return { params: params.slice(), state: null };
  return { params: params.slice(), state: state?.slice() ?? new Float32Array(arrays * params.length) };
}

/** One entry for each slice of the params, stacked over the nodes. */
export function stackTrainees(
  engine: typeof tf,
  { slices, length }: Layout,
  nodes: readonly Trainee[],
): OptimizerSlice[] {
  const arrays = (nodes[0]!.state?.length ?? 0) / length;
  const params = nodes.map((node) => node.params);
  const state = nodes.map((node) => node.state ?? new Float32Array(0));
  const ofParams = stackSlices(engine, slices, params);
  const ofState = Array.from({ length: arrays }, (_, a) => stackSlices(engine, slices, state, a * length));
  return ofParams.map((tensor, s) => ({ params: tensor, state: ofState.map((array) => array[s]!) }));
}

/** The inverse of {@link stackTrainees}: writes the numbers of each node into its arrays. */
export function unstackTrainees(
  { slices, length }: Layout,
  stack: readonly OptimizerSlice[],
  nodes: readonly Trainee[],
): void {
  unstackSlices(
    slices,
    stack.map(({ params }) => params),
    nodes.map(({ params }) => params),
  );
  for (const a of stack[0]!.state.keys()) {
    unstackSlices(
      slices,
      stack.map(({ state }) => state[a]!),
      nodes.map(({ state }) => state!),
      a * length,
    );
  }
}
