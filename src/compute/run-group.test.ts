import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../numeric/machine.js';
import { runGroup, runsByProgram, taskContext } from './run-group.js';

const context = taskContext(undefined, { offsets: 3 });

test('a group gives one output for each input, all of them plain data', () => {
  const run = (outputs: unknown) => runGroup({ run: () => outputs as never }, [1, 2], context);
  assert.deepEqual(run([5, null]), [5, null]);
  assert.throws(
    () => run(undefined),
    /PluginError: run\(inputs\): expected an array of outputs, got undefined/,
  );
  assert.throws(() => run({ length: 2 }), /expected an array of outputs, got \[object Object\]/);
  assert.throws(() => run([1]), /expected 2 outputs, one per input, got 1/);
  assert.throws(() => run([1, () => 2]), /outputs\[1\]: expected plain data/);
});

test('a group runs by step programs where there is a machine, and all of its inputs have one', () => {
  const machine = {} as Machine;
  const byProgram = (input: unknown) => input === 'program';
  const both = ['program', 'program'];
  assert.equal(runsByProgram({ byProgram }, both, machine), true);
  assert.equal(runsByProgram({ byProgram }, both, undefined), false);
  assert.equal(runsByProgram({ byProgram }, ['program', 'none'], machine), false);
  assert.equal(runsByProgram({}, both, machine), false);
});

test('constants are found by name, and an unknown one is refused with the known ones', () => {
  assert.equal(context.constant('offsets'), 3);
  assert.throws(() => context.constant('toString'), /name of a constant \(offsets\), got "toString"/);
});
