/** Golden: scenarios run and give the committed reference results, byte for byte; the longest in results.long.test.ts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertGolden, longScenarios, scenarios } from './support/golden.js';

test('there are scenarios to run', () => {
  assert.ok(scenarios.includes(join('scenarios', 'dropouts.yaml')));
  for (const scenario of longScenarios) assert.ok(scenarios.includes(scenario), scenario);
});

for (const scenario of scenarios.filter((name) => !longScenarios.includes(name))) {
  test(`${scenario} gives its committed results`, () => assertGolden(scenario));
}
