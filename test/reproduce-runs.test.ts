/** Which runs `npm run reproduce` computes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { claims } from './reproduction/claims.js';
import { studies } from './reproduction/studies.js';

interface Run {
  readonly scenario: string;
  readonly variant: string;
  readonly seed: number;
  readonly key: string;
}
const { isLater, pathOf, runsOf, stateOf } = (await import(
  pathToFileURL(join('scripts', 'reproduce', 'runs.mjs')).href
)) as {
  isLater(scenario: string): boolean;
  pathOf(scenario: string): string;
  runsOf(scenario: string, seeds?: string): Run[];
  stateOf(run: Run, code: string): string;
};

test('every variant and seed is a run with a key of its own', () => {
  const runs = runsOf('l2c-small', '1..3');
  const variants = new Set(runs.map(({ variant }) => variant));
  assert.ok(variants.has('l2c') && variants.has('d-psgd'));
  assert.equal(runs.length, 3 * variants.size);
  assert.equal(new Set(runs.map(({ key }) => key)).size, runs.length);
  assert.deepEqual(runs, runsOf('l2c-small', '1..3'));
});

test('a run whose results are committed is not computed again, unless its part of the scenario has changed', () => {
  const [run] = runsOf('l2c-small', '1');
  assert.equal(stateOf(run!, 'any'), 'committed');
  assert.equal(stateOf({ ...run!, key: 'of another scenario' }, 'any'), 'missing');
  assert.equal(stateOf({ ...run!, seed: 12345 }, 'any'), 'missing');
});

for (const scenario of new Set([
  ...claims.map(({ scenario }) => scenario),
  ...studies.map(({ name }) => name),
])) {
  const skip = !existsSync(join('results', pathOf(scenario))) && `not run yet: npm run reproduce ${scenario}`;
  test(`all results of ${scenario} are those of its scenario as it stands`, { skip }, () => {
    const others = runsOf(scenario)
      .filter((run) => stateOf(run, 'any') !== 'committed')
      .map(({ variant, seed }) => `${variant}, seed ${seed}`);
    assert.deepEqual(others, [], `npm run reproduce ${scenario}`);
  });
}

test('scenarios that use the results of others come after them', () => {
  assert.equal(isLater('meta-l2c-transfer-small'), true);
  assert.equal(isLater('methods'), true);
  assert.equal(isLater('l2c-small'), false);
});
