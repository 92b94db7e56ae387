/** The benchmark's committed runs are those of the code as it is: some of each world are computed again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import { runToEnd } from '../src/testing/run.js';
import { readWorlds, type WorldSetup } from './benchmark/worlds.js';

const { WORLDS } = (await import(pathToFileURL(join('scripts', 'benchmark', 'worlds.mjs')).href)) as {
  readonly WORLDS: Readonly<Record<string, WorldSetup>>;
};

/** Every so manieth method is computed in a world, others in the next one; so the worlds together have all. */
const STRIDE = 6;

for (const [place, { name, results }] of readWorlds(WORLDS).entries()) {
  test(`${name}: runs that are computed again have the committed fingerprints`, async () => {
    const file = join('scenarios', 'benchmark', `${name}.yaml`);
    const plans = planScenario(await loadScenario(file, { seeds: [1 + place] }));
    const again = plans.filter((_, k) => k % STRIDE === place % STRIDE);
    assert.ok(again.length > 4);
    for (const plan of again) {
      const { result } = await runToEnd(plan, { backend: plan.backend, workers: 0 });
      const row = results.runsOf(plan.variant.name!).find(({ seed }) => Number(seed) === 1 + place)!;
      const { trace, params } = result.fingerprints;
      assert.deepEqual({ trace, params }, { trace: row.trace, params: row.params }, `${plan.variant.name}`);
    }
  });
}

test('a world has results', () => {
  assert.match(readFileSync(join('results', 'benchmark', 'whom-digits', 'runs.csv'), 'utf8'), /^variant,/);
});
