/** `mycel report`: results as a page for the browser. */
import { join } from 'node:path';
import { EXIT } from '../errors.js';
import type { PageResult } from '../report/page/group.js';
import { writePage } from '../report/page/index.js';
import { type Collected, collectResults } from './collect.js';
import { splitGroup } from './page-split.js';
import { commandLine } from './shell.js';
import { scenarioResults } from './tables.js';

/** Options of `mycel report` as commander gives them. */
export interface PageFlags {
  readonly out?: string;
}

/** The name of a page in a folder of results. */
const PAGE = 'report.html';

/** Tables that results do not have. */
const OF_PLANS = [splitGroup((note) => console.error(note))];

/** Writes one page of all results in and below the folders. Returns the exit code. */
export async function pageCommand(
  folders: readonly string[],
  { out = join(folders[0]!, PAGE) }: PageFlags,
): Promise<number> {
  const results = collectResults(folders);
  await writePage(out, pageResults(results), OF_PLANS);
  console.log(`${out}: ${results.length} ${results.length === 1 ? 'run' : 'runs'}, opens in a browser`);
  return EXIT.ok;
}

/** For each scenario, writes the page of all its results below `out`. Returns a line for each, which says where it is. */
export async function scenarioPages(files: readonly string[], out: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { folder, results } of scenarioResults(files, out)) {
    const path = join(folder, PAGE);
    await writePage(path, pageResults(results), OF_PLANS);
    lines.push(`${path} shows these results: open it in a browser`);
  }
  return lines;
}

/** Results with the commands that repeat them. */
export function pageResults(results: readonly Collected[]): PageResult[] {
  return results.map((result) => ({ ...result, commands: repeating(result) }));
}

/**
 * The commands that repeat a run: from its folder, and from the scenario on the page. A run that was forked is none of one
 * scenario.
 */
function repeating({ folder, summary: { computed, forked } }: Collected): PageResult['commands'] {
  if (forked !== undefined) return {};
  const backend = computed.backend === undefined ? [] : ['--backend', computed.backend];
  return {
    verify: commandLine(['verify', folder]),
    run: commandLine(['run', 'scenario.json', ...backend]),
  };
}
