import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { refusalOfSummary, textOf } from './wrong-file.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-wrong-file-'));
after(() => rmSync(folder, { recursive: true }));

/** What is said of a file, without the folder. */
function said(name: string): string {
  const file = join(folder, name);
  try {
    textOf(file);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  return 'a scenario';
}

test('a name that no file here has, but a scenario of Mycel, says where that lies', () => {
  const known =
    /^quickstart(\.yaml)?: expected .* but there is none here; Mycel comes with one of that name: (.*\/)?scenarios\/quickstart\.yaml$/;
  assert.match(said('quickstart.yaml'), known);
  assert.match(said('quickstart'), known);
  assert.match(said('deprl-small.yaml'), /scenarios\/papers\/deprl-small\.yaml$/);
  assert.match(said('no-such-scenario.yaml'), /but there is none$/);
});

test('a module, a table and a folder are named for what they are', () => {
  for (const name of ['a.ts', 'a.mjs', 'runs.csv', 'a.yaml']) writeFileSync(join(folder, name), 'x');
  assert.match(
    said('a.ts'),
    /but this is a TypeScript module: name it in a scenario, as in algorithm: { use: /,
  );
  assert.match(said('a.mjs'), /but this is a JavaScript module/);
  assert.match(said('runs.csv'), /but this is a table/);
  assert.equal(said('a.yaml'), 'a scenario');
  assert.match(said('.'), /but it is a directory: name files in it, such as ".*a\.yaml"$/);
  mkdirSync(join(folder, 'empty'));
  assert.match(said('empty'), /but it is a directory$/);
  mkdirSync(join(folder, 'results'));
  writeFileSync(join(folder, 'results', 'summary.json'), '{}');
  assert.match(said('results'), /but this is a folder of results: mycel verify results runs it again$/);
});

test('the summary of a result is no scenario', () => {
  const message = refusalOfSummary({ scenario: {}, fingerprints: {} }, 'a/1/summary.json')?.message;
  assert.match(message ?? '', /the summary of a result, .*: mycel verify a\/1 runs it again$/);
  assert.equal(refusalOfSummary({ nodes: 3 }, 'a.json'), undefined);
  assert.equal(refusalOfSummary(null, 'a.json'), undefined);
});
