/** The papers' claims on the committed results. Whether these are this code's: reproduction.long.test.ts. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { claims } from './reproduction/claims.js';
import { readCurves } from './reproduction/curves.js';
import { studies, studyTables } from './reproduction/studies.js';
import { verdictTable } from './reproduction/table.js';

const results = join('results', 'papers');
const scenarios = readdirSync(join('scenarios', 'papers')).map((file) => file.replace(/\.yaml$/, ''));
const small = scenarios.filter((scenario) => existsSync(join(results, scenario)));

const claimed = [...new Set(claims.map(({ scenario }) => scenario))];

test('every claim has a scenario, and every scenario of a paper that was run has claims', () => {
  for (const scenario of claimed) assert.ok(scenarios.includes(scenario), scenario);
  for (const scenario of small) assert.ok(claimed.includes(scenario), scenario);
});

for (const scenario of claimed.filter((name) => !small.includes(name)))
  test(`claims of ${scenario}`, {
    skip: `not run yet, it takes hours: npm run reproduce ${scenario}`,
  }, () => {});

test('the tables of docs/reproduction.md are those of the committed results', () => {
  const document = readFileSync(join('docs', 'reproduction.md'), 'utf8');
  for (const scenario of small) {
    assert.ok(
      document.includes(verdictTable(scenario, readCurves(join(results, scenario)))),
      `the table of ${scenario} differs: npm run reproduce -- --check`,
    );
  }
});

test('the tables of docs/studies.md are those of the committed results', () => {
  const document = readFileSync(join('docs', 'studies.md'), 'utf8');
  for (const study of studies) {
    assert.ok(
      document.includes(studyTables(study)),
      `the tables of ${study.name} differ: npm run reproduce -- --check`,
    );
  }
});
