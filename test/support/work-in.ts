/** A folder of its own for the tests of a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** Makes a new folder the current one, until all tests of the file are over. Returns its path. */
export function workIn(prefix: string): string {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.chdir(folder);
  test.after(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  return folder;
}
