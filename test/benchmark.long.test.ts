/** The benchmark's committed runs are those of the code as it is: some of each world are computed again. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { carryOut } from '../src/cli/carry-out.js';
import { silent } from '../src/cli/progress.js';
import { loadScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import { CURVE_COLUMNS, curveRows, RUN_COLUMNS, runRow } from './benchmark/results.js';
import { readWorlds, type WorldSetup } from './benchmark/worlds.js';
import { readCsv } from './reproduction/curves.js';

const { WORLDS } = (await import(pathToFileURL(join('scripts', 'benchmark', 'worlds.mjs')).href)) as {
  readonly WORLDS: Readonly<Record<string, WorldSetup>>;
};

/** Every so manieth method is computed in a world, others in the next one; so the worlds together have all. */
const STRIDE = 6;

type Row = Readonly<Record<string, unknown>>;

for (const [place, { name, results, metric }] of readWorlds(WORLDS).entries()) {
  test(`${name}: runs that are computed again have the committed rows`, async () => {
    const seed = results.seeds[place]!;
    const plans = planScenario(
      await loadScenario(join('scenarios', 'benchmark', `${name}.yaml`), { seeds: [seed] }),
    );
    const again = plans.filter((_, k) => k % STRIDE === place % STRIDE);
    assert.ok(again.length > 4);
    const curves = readCsv(join('results', 'benchmark', name, 'curves.csv'));
    for (const plan of again) {
      const variant = plan.variant.name!;
      const folder = join(mkdtempSync(join(tmpdir(), 'mycel-benchmark-')), variant);
      await carryOut(
        { plan, folder },
        { execution: { backend: plan.backend, workers: 0 }, progress: silent, trace: false },
      );
      const row = results.runsOf(variant).find((run) => Number(run.seed) === seed)!;
      const run = { variant, seed, key: row.scenario!, folder };
      assert.deepEqual(cells([runRow(run)], RUN_COLUMNS), cells([row], RUN_COLUMNS), variant);
      assert.deepEqual(
        cells(curveRows(run, metric ?? 'accuracy'), CURVE_COLUMNS),
        cells(
          curves.filter((point) => point.variant === variant && Number(point.seed) === seed),
          CURVE_COLUMNS,
        ),
        variant,
      );
    }
  });
}

/** As they stand in a table. */
function cells(rows: readonly Row[], columns: readonly string[]): string[][] {
  return rows.map((row) => columns.map((column) => String(row[column] ?? '')));
}

test('a world has results', () => {
  assert.match(readFileSync(join('results', 'benchmark', 'whom-digits', 'runs.csv'), 'utf8'), /^variant,/);
});
