/** `mycel report`: results as a page for the browser. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../errors.js';
import { writePage } from '../report/page/index.js';
import { formatBytes } from '../units.js';
import { type Collected, collectResults } from './collect.js';
import { splitGroup } from './page-split.js';
import { commandLine } from './shell.js';

/** Options of `mycel report` as commander gives them. */
export interface PageFlags {
  readonly out?: string;
}

/** Writes one page of all results in and below the folders. Returns the exit code. */
export async function pageCommand(folders: readonly string[], { out }: PageFlags): Promise<number> {
  const path = out ?? join(folders[0]!, 'report.html');
  console.log(await reportPage(path, collectResults(folders)));
  return EXIT.ok;
}

/** Writes the page of results. Returns a line that says where it is. */
export async function reportPage(path: string, results: readonly Collected[]): Promise<string> {
  await writePage(
    path,
    results.map((result) => ({ ...result, command: repeating(result) })),
    [splitGroup((note) => console.error(note))],
  );
  return `${path}: ${formatBytes(statSync(path).size)}, opens in a browser`;
}

/** The command that computes a result again and compares it. */
function repeating({ folder }: Collected): string {
  return commandLine(['verify', folder]);
}
