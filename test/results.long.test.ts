/** Golden: the scenarios that take longest give the committed reference results, byte for byte. */
import { test } from 'node:test';
import { assertGolden, longScenarios } from './support/golden.js';

for (const scenario of longScenarios) {
  test(`${scenario} gives its committed results`, () => assertGolden(scenario));
}
