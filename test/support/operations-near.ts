/**
 * Compares a backend's operations with those of `cpu`: for a backend that need not give the same bits for any grouping.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { type LoadedBackend, loadBackend } from '../../src/compute/backend.js';
import { drawStack, OPERATIONS, SHAPES } from './stacked-operations.js';

/** Operations that choose or move numbers without computing: their results are equal. */
const EXACT: ReadonlySet<string> = new Set([
  'add',
  'add a bias a node',
  'add a scalar',
  'sub',
  'mul',
  'maximum',
  'minimum',
  'multiply by a column',
  'multiply by one row per node',
  'neg',
  'square',
  'relu',
  'step',
  'greater',
  'where',
  'clip by value',
  'max over features',
  'argMax',
  'oneHot',
  'gather features',
  'slice features',
  'concat features',
  'tile',
  'pad',
  'reshape',
  'transpose',
  'max pooling',
]);
/**
 * Greatest difference of the others, relative to the greatest number of the result: some 40 units in the last place of
 * float32. Sums are over 101 terms at most.
 */
const TOLERANCE = 5e-6;

/** Registers one test per operation. */
export function testOperationsNear(backend: LoadedBackend): void {
  for (const [operation, apply] of Object.entries(OPERATIONS)) {
    const allowed = EXACT.has(operation) ? 0 : TOLERANCE;
    test(`${backend.name}: ${operation} is ${allowed === 0 ? 'equal to' : 'near'} that of cpu`, async () => {
      const cpu = await loadBackend('cpu');
      const results = (engine: typeof tf) =>
        engine.tidy(() =>
          SHAPES.map((shape) => {
            const [x, y] = drawStack(engine, shape);
            return apply(engine, x, y).dataSync();
          }),
        );
      const expected = results(cpu.tf);
      await backend.activate();
      const actual = results(backend.tf);
      for (const [i, shape] of SHAPES.entries()) {
        const difference = relativeDifference(actual[i]!, expected[i]!);
        assert.ok(difference <= allowed, `differs by ${difference} at [${shape}], at most ${allowed}`);
      }
    });
  }
}

/** Greatest difference of two lists, relative to the greatest number of the second (to 1 where that is less). */
function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  let [difference, greatest] = [0, 1];
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Number.isFinite(actual[i]), `number ${i} is ${actual[i]}, expected ${expected[i]}`);
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    greatest = Math.max(greatest, Math.abs(expected[i]!));
  }
  return difference / greatest;
}
