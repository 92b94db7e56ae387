// Runs the scenarios of scenarios/bench on engines.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const child = fileURLToPath(new URL('./run-scenario.mjs', import.meta.url));

/** `scenarios/bench/<name>.yaml`. */
export const scenarioFile = (name) => join(root, 'scenarios', 'bench', `${name}.yaml`);

/** Its sections, as they are written. */
export const readSections = (name) => parse(readFileSync(scenarioFile(name), 'utf8'));

/** Overrides that end a scenario after so many rounds, with a measurement then. */
export const afterRounds = (rounds) => [
  `stop.after=${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
  `measure.every=${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
];

/** Runs a scenario in a process of its own: what `run-scenario.mjs` reports. */
export function runScenario({ name, set, backend, workers }) {
  const request = JSON.stringify({ file: scenarioFile(name), set, backend, workers });
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, request], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} on ${backend}, ${workers} workers: ${stderr.trim()}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
