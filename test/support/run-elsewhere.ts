/** Runs scenarios in a process of their own. As a program: jobs on standard input, their results on standard output. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Execution } from '../../src/simulation/plan.js';
import type { Sample } from '../../src/simulation/result.js';
import type { SimulationState } from '../../src/simulation/simulation.js';
import { type PlanSketch, planOf } from '../../src/testing/index.js';
import { runToEnd } from '../../src/testing/run.js';

/** A run for the other process; plain data. */
export interface ElsewhereJob {
  /** Entries by name only. */
  readonly sketch: PlanSketch;
  readonly execution: Pick<Execution, 'backend' | 'workers'>;
  /** The state from which the run continues. */
  readonly state?: SimulationState;
}

/** Its result; plain data. */
export interface ElsewhereResult {
  readonly fingerprints: { readonly trace: string; readonly params: string };
  readonly events: number;
  readonly time: number;
  readonly samples: readonly Sample[];
}

/** Runs the jobs one after the other in one new process. */
export function runElsewhere(jobs: readonly ElsewhereJob[]): ElsewhereResult[] {
  const program = fileURLToPath(import.meta.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--enable-source-maps', program], {
    input: serialize(jobs),
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`the other process ended with exit code ${status}: ${stderr}`);
  return deserialize(stdout) as ElsewhereResult[];
}

/** Runs one job in this process. */
export async function runHere({ sketch, execution, state }: ElsewhereJob): Promise<ElsewhereResult> {
  const { result, samples } = await runToEnd(planOf(sketch), execution, state);
  const { fingerprints, events, time } = result;
  return { fingerprints, events, time, samples };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const jobs = deserialize(readFileSync(0)) as ElsewhereJob[];
  const results: ElsewhereResult[] = [];
  for (const job of jobs) results.push(await runHere(job));
  writeFileSync(1, serialize(results));
}
