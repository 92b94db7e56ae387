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
  const tune = readTune(untuned, []);
  for (const method of await methodsIn(untuned)) {
    const { name, trials } = method;
    const problem = trialsProblem(trials, rowsOf(rows, name), tune);
    if (problem !== undefined) return `${tuning}: ${name}: ${problem}`;
    const chosen = await chosenOf(method, { untuned, rows });
    const found = after.find(({ variant }) => variant.name === name);
    if (!isDeepStrictEqual(plain(chosen), plain(found?.resolved)))
      return `${tuned}: ${name} has not the options of its best trial`;
  }
  return undefined;
}

/** What is wrong with the rows of a method: its settings, which of them came to the finals, and which is the best. */
function trialsProblem(trials, own, { seeds, finals }) {
  const first = own.filter((row) => Number(row.seeds) === seeds.length);
  if (first.length !== trials.length) return `expected ${trials.length} trials, got ${first.length}`;
  for (const row of own) {
    const other = [...(trials[Number(row.trial)]?.setting ?? [])].find(
      ([path, value]) => row[path] !== textOf(value),
    );
    if (other) return `trial ${row.trial} has not the setting of the grid: ${other[0]} is ${row[other[0]]}`;
  }
  const last = own.filter((row) => Number(row.seeds) === seeds.length + finals.seeds.length);
  const numbers = (some) => some.map(({ trial }) => Number(trial));
  const expected = numbers(byMean(first).slice(0, finals.trials)).sort((a, b) => a - b);
  if (!isDeepStrictEqual(numbers(last), expected))
    return `expected trials ${expected.join(', ')} in the finals, got ${numbers(last).join(', ')}`;
  const best = own.filter(isBest);
  if (!isDeepStrictEqual(best, byMean(last).slice(0, 1)))
    return 'its best trial is not the best of the finals';
  return undefined;
}

/** The best first; of equal ones the earlier. What failed is last. */
const byMean = (rows) =>
  rows.toSorted((a, b) => Number(b.mean || -1) - Number(a.mean || -1) || Number(a.trial) - Number(b.trial));

const rowsOf = (rows, name) => rows.filter(({ variant }) => variant === (name ?? ''));

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
  const best = trials[Number(rowsOf(rows, name).find(isBest).trial)];
  const set = [...best.setting].map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  const chosen = await planAgain({ file: untuned, variant: name, scenario: plan.resolved, set });
  return chosen.resolved;
}

const isBest = ({ is_best }) => is_best === '1';
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
