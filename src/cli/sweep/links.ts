/** Results of the store under the names by which people look for them. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orUnwritable } from '../../report/output-file.js';

/** Makes `folder` show the same files as `from`: by hard links where the file system has them, so that they take no room. */
export function linkResult(from: string, folder: string): void {
  const aside = `${folder}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
  orUnwritable(folder, () => {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(aside);
    for (const name of readdirSync(from)) linkOrCopy(join(from, name), join(aside, name));
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  });
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
