import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { readJsonFile } from './json-file.js';

test('a JSON file is read; if it is missing or not JSON, a usage error has its place in the scenario', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'mycel-json-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'good.json'), '{"a": [1]}');
  writeFileSync(join(folder, 'bad.json'), 'a: 1');
  assert.deepEqual(await readJsonFile(join(folder, 'good.json'), 'algorithm.a'), { a: [1] });
  for (const [name, code] of [
    ['none.json', 'missing-file'],
    ['bad.json', 'bad-json'],
  ] as const) {
    await assert.rejects(
      readJsonFile(join(folder, name), 'algorithm.a'),
      (error) =>
        error instanceof UsageError &&
        error.code === code &&
        error.path === 'algorithm.a' &&
        error.message.includes(join(folder, name)),
    );
  }
});
