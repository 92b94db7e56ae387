// Whether a committed tuning is that of a world as it stands.
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { planAgain } from '../../dist/src/cli/again.js';
import { methodsOf } from '../../dist/src/cli/tuning/search.js';
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
  const before = planScenario(await loadScenario(untuned));
  const after = planScenario(await loadScenario(tuned));
  for (const { name, plan, trials } of methodsOf(before, readTune(untuned, []))) {
    const own = rows.filter(({ variant }) => variant === (name ?? ''));
    const drawn = trials.map(({ setting }) => [...setting]);
    if (own.length !== drawn.length)
      return `${tuning} has ${own.length} trials of ${name}, expected ${drawn.length}`;
    const other = own.find((row, trial) => drawn[trial].some(([path, value]) => row[path] !== textOf(value)));
    if (other) return `${tuning}: trial ${other.trial} of ${name} is not the one that is drawn`;
    const best = trials[own.findIndex(({ is_best }) => is_best === '1')];
    if (best === undefined) return `${tuning}: no best trial of ${name}`;
    const set = [...best.setting].map(([path, value]) => `${path}=${JSON.stringify(value)}`);
    const chosen = await planAgain({ file: untuned, variant: name, scenario: plan.resolved, set });
    const found = after.find(({ variant }) => variant.name === name);
    if (!isDeepStrictEqual(plain(chosen.resolved), plain(found?.resolved)))
      return `${tuned}: ${name} has not the options of its best trial`;
  }
  return undefined;
}

const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
