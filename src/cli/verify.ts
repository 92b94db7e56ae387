/** `mycel verify`: runs a result again from its own summary, and says whether it comes out the same to the bit. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../errors.js';
import type { Execution } from '../simulation/plan.js';
import { breather } from '../simulation/run.js';
import { planOfResult } from './again.js';
import { carryOut } from './carry-out.js';
import { differencesOf } from './differences.js';
import { listenForInterrupts } from './interrupt.js';
import { mycelVersion } from './machine.js';
import { progressReport, silent } from './progress.js';
import { readSummary } from './summary.js';

/** Options of `mycel verify` as commander gives them. */
export interface VerifyFlags {
  readonly workers: number;
  readonly quiet?: true;
}

/** Runs every result again. Returns the exit code: `ok` if all come out the same. */
export async function verifyCommand(folders: readonly string[], flags: VerifyFlags): Promise<number> {
  let code: number = EXIT.ok;
  for (const folder of folders) {
    const differences = await verify(folder, flags);
    if (differences === undefined) return EXIT.interrupted;
    if (differences.length === 0) {
      console.log(`${folder}: the same to the bit`);
      continue;
    }
    code = EXIT.differs;
    console.log([`${folder}: NOT the same`, ...differences.map((line) => `  ${line}`)].join('\n'));
  }
  return code;
}

/** How the result of a run that is made now differs from the one in the folder; undefined if it was interrupted. */
async function verify(folder: string, flags: VerifyFlags): Promise<string[] | undefined> {
  const plan = await planOfResult(folder);
  const again = mkdtempSync(join(tmpdir(), 'mycel-verify-'));
  const interruption = listenForInterrupts();
  const progress = flags.quiet ? silent : progressReport(`verify ${folder}`, plan);
  try {
    const target = join(again, 'result');
    const execution: Execution = {
      backend: plan.backend,
      workers: flags.workers,
      signal: interruption.signal,
      breathe: breather(),
    };
    const trace = existsSync(join(folder, 'trace.ndjson'));
    const { spans } = readSummary(folder);
    const run = await carryOut({ plan, folder: target }, { execution, progress, trace, spans });
    if (run.result.stopped === 'interrupted') return undefined;
    const differences = await differencesOf(folder, target);
    const version = mycelVersion();
    const { mycel } = readSummary(folder);
    if (differences.length > 0 && mycel !== version)
      differences.push(`it was made by mycel ${mycel}, and this is ${version}`);
    return differences;
  } finally {
    progress.stop();
    interruption.stop();
    rmSync(again, { recursive: true, force: true });
  }
}
