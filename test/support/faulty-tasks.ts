/** Task definitions that break the contract of tasks, for tests of the queue and the executors. */
import { isMainThread } from 'node:worker_threads';
import type { TaskContext, TaskDefinition } from '../../src/compute/task.js';
import { AssertionError, UsageError } from '../../src/errors.js';

/** What a member of the group is to do. */
export interface FaultyInput {
  readonly action: Action;
  readonly values: Float32Array;
  /** Group key. */
  readonly key?: string;
}

type Action =
  | 'double'
  | 'add-shared'
  | 'throw'
  | 'throw-usage'
  | 'throw-assertion'
  | 'mutate'
  | 'too-few'
  | 'not-plain'
  | 'hand-out-shared'
  | 'ask-for-unknown'
  | 'ask-for-tf'
  | 'waste'
  | 'exit'
  | 'spin';

/** Doubles its values, unless its input names something worse. */
export const faultyTask: TaskDefinition<FaultyInput, Float32Array> = {
  id: 'faulty',
  module: import.meta.url,
  export: 'faultyTask',
  group: (input) => input.key ?? '',
  flops: (input) => input.values.length,
  footprint: (input) => input.values.byteLength,
  run(inputs, context) {
    const outputs = inputs.map((input) => ACTIONS[input.action](input, context));
    return inputs.some(({ action }) => action === 'too-few') ? outputs.slice(1) : outputs;
  },
};

/** A definition whose `export` names something that its module does not export. */
export const misnamedTask: TaskDefinition<FaultyInput, Float32Array> = {
  ...faultyTask,
  id: 'misnamed',
  export: 'nowhere',
};

/** The same, as a task that step programs compute. */
export const programTask: TaskDefinition<FaultyInput, Float32Array> = {
  ...faultyTask,
  id: 'program',
  export: 'programTask',
  byProgram: () => true,
};

const double = ({ values }: FaultyInput): Float32Array => values.map((value) => 2 * value);

/** Tells the main thread, which shares `values`, that a worker has begun. */
function sayBegun(values: Float32Array): void {
  if (isMainThread) throw new Error('expected a worker to run this');
  values[0] = 1;
}

const ACTIONS: Record<Action, (input: FaultyInput, context: TaskContext) => Float32Array> = {
  double,
  'too-few': double,
  'add-shared'({ values }, context) {
    const offsets = context.constant('offsets') as Float32Array;
    return values.map((value, i) => value + offsets[i]!);
  },
  'hand-out-shared': (_, context) => context.constant('offsets') as Float32Array,
  'ask-for-tf': (_, { tf }) => tf.scalar(2).dataSync<'float32'>(),
  'ask-for-unknown': (_, context) => context.constant('nothing') as Float32Array,
  throw() {
    throw new RangeError('no such luck');
  },
  'throw-usage'() {
    throw new UsageError('bad-luck', 'expected luck, got none', 'algorithm.luck');
  },
  'throw-assertion'() {
    throw new AssertionError('luck is above 0');
  },
  mutate({ values }) {
    values[0] = 7;
    return values.slice();
  },
  'not-plain': () => new Map() as unknown as Float32Array,
  waste({ values }, { machine }) {
    machine!.frame((frame) => frame.keep(frame.copy(values)));
    return values.slice();
  },
  exit({ values }) {
    sayBegun(values);
    process.exit(3);
  },
  spin({ values }) {
    sayBegun(values);
    for (;;);
  },
};
