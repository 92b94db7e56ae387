// Whether a committed tuning is that of a world as it stands.
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { planAgain } from '../../dist/src/cli/again.js';
import { methodsOf } from '../../dist/src/cli/tuning/search.js';
import { tunedLines, tunedScenario } from '../../dist/src/cli/tuning/tuned-scenario.js';
import { loadScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { readTune } from '../../dist/src/scenario/tune.js';
import { readCsv } from '../../dist/test/reproduction/curves.js';

/**
 * What is wrong with the tuning of a world; undefined if nothing is. Its trials are the draws of the file in which the methods
 * stand before they are tuned, and the tuned scenario has the best one of each method.
 */
export async function tuningProblem({ untuned, tuned, tuning }, text) {
  for (const file of [untuned, tuned, tuning]) if (!existsSync(file)) return `${file} is missing`;
  if (!isDeepStrictEqual(parse(readFileSync(untuned, 'utf8')), parse(text)))
    return `${untuned} is not what scripts/benchmark/ makes`;
  const rows = readCsv(tuning);
  const after = planScenario(await loadScenario(tuned));
  for (const method of await methodsIn(untuned)) {
    const { name, trials } = method;
    const own = rows.filter(({ variant }) => variant === (name ?? ''));
    const drawn = trials.map(({ setting }) => [...setting]);
    if (own.length !== drawn.length)
      return `${tuning} has ${own.length} trials of ${name}, expected ${drawn.length}`;
    const other = own.find((row, trial) => drawn[trial].some(([path, value]) => row[path] !== textOf(value)));
    if (other) return `${tuning}: trial ${other.trial} of ${name} is not the one that is drawn`;
    if (!own.some(isBest)) return `${tuning}: no best trial of ${name}`;
    const chosen = await chosenOf(method, { untuned, rows });
    const found = after.find(({ variant }) => variant.name === name);
    if (!isDeepStrictEqual(plain(chosen), plain(found?.resolved)))
      return `${tuned}: ${name} has not the options of its best trial`;
  }
  return undefined;
}

/** The tuned scenario, made of the file before the tuning and the table of all trials. */
export async function tunedText({ untuned, tuning }) {
  const rows = readCsv(tuning);
  const methods = await methodsIn(untuned);
  const tuned = [];
  for (const method of methods)
    tuned.push({ name: method.name, scenario: await chosenOf(method, { untuned, rows }) });
  return tunedScenario(tuned, tunedLines(untuned, methods));
}

/** The text of a committed scenario, with the schema that editors read. */
export const withSchema = (text) =>
  `# yaml-language-server: $schema=../../docs/scenario.schema.json\n${text}`;

const methodsIn = async (untuned) =>
  methodsOf(planScenario(await loadScenario(untuned)), readTune(untuned, []));

/** The resolved scenario of a method with the options of its best trial. */
async function chosenOf({ name, plan, trials }, { untuned, rows }) {
  const best = trials[rows.filter(({ variant }) => variant === (name ?? '')).findIndex(isBest)];
  const set = [...best.setting].map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  const chosen = await planAgain({ file: untuned, variant: name, scenario: plan.resolved, set });
  return chosen.resolved;
}

const isBest = ({ is_best }) => is_best === '1';
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
