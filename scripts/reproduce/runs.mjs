// The runs of papers and studies: which ones there are, which of them are committed or finished, and what they will take.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expandVariants } from '../../dist/src/scenario/compare.js';
import { readCsv } from '../../dist/test/reproduction/curves.js';
import { studies } from '../../dist/test/reproduction/studies.js';

/** Results of runs that are finished but not all committed yet. */
const WORK = join('build', 'reproduce');

/** What the runs have taken where they were made, for the estimates. */
export const DURATIONS = join('results', 'durations.csv');
export const DURATION_COLUMNS = ['scenario', 'variant', 'seconds'];

const OTHER_SEEDS = {
  'deprl-alexnet': '1',
  'fedavg-rounds': '1..3',
  'ifca-rotated': '1',
  'deprl-small': '1..10',
  'deprl-dirichlet-small': '1..10',
  'deprl-speedup-small': '1..6',
  'mce-pl-codecs-small': '1',
  'mce-pl-early-small': '6..10',
  'mhd-eight': '1..3',
  'mhd-variants-small': '1..3',
  'mce-pl-sparsity-small': '1..3',
  'l2c-small': '1..10',
  'l2c-overlap-small': '1..10',
  'l2c-hundred-small': '1..3',
  'deprl-rounds-small': '1..3',
  'transference-paper': '1..3',
  'transference-data-small': '1..10',
  'meta-l2c-transfer-small': '101..105',
};

export const isStudy = (scenario) => studies.some(({ name }) => name === scenario);

/** Path of a scenario or study below scenarios/, results/ and the folder of finished runs. */
export const pathOf = (scenario) => join(isStudy(scenario) ? 'studies' : 'papers', scenario);

/** `1..5` → [1, 2, 3, 4, 5]. */
export function seedsOf(text) {
  const [first, last] = text.split('..').map(Number);
  return Array.from({ length: (last ?? first) - first + 1 }, (_, k) => first + k);
}

/** All runs of a scenario. */
export function runsOf(scenario, seeds) {
  const study = studies.find(({ name }) => name === scenario);
  const path = pathOf(scenario);
  const file = join('scenarios', `${path}.yaml`);
  return runsOfFile(file, seedsOf(seeds ?? study?.seeds ?? OTHER_SEEDS[scenario] ?? '1..5')).map((run) => ({
    scenario,
    ...run,
    folder: join(WORK, path, run.variant, String(run.seed)),
  }));
}

/**
 * All runs of a scenario's file. `key` is a digest of what the file says of the variant, and of the
 * seed: results with another key are those of another scenario.
 */
export function runsOfFile(file, seeds) {
  const text = readFileSync(file, 'utf8');
  const files = filesOf(text).map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
  const { variants, problems } = expandVariants(parse(text), []);
  if (problems.length > 0) throw new Error(`${file}: ${problems[0].message}`);
  return variants.flatMap(({ name, value: { title, seed: _own, ...value } }) =>
    seeds.map((seed) => {
      const key = createHash('sha256')
        .update(sorted([value, seed, ...files]))
        .digest('hex')
        .slice(0, 16);
      return { variant: name ?? 'run', seed, key };
    }),
  );
}

/** Results of other scenarios that a scenario uses, such as a trained encoder. */
function filesOf(text) {
  return [...text.matchAll(/(results\/papers\/\S+\.json)/g)].map(([file]) => file);
}

/** Whether a scenario has to wait for the results of others. */
export const isLater = (scenario) =>
  filesOf(readFileSync(join('scenarios', `${pathOf(scenario)}.yaml`), 'utf8')).length > 0;

/** JSON with the keys of every map in order. */
function sorted(value) {
  return JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** A digest of the compiled code: finished runs of other code are computed again. */
export function codeDigest(folder = join('dist', 'src')) {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|wasm)$/.test(entry.name) && !/\.test\.js$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const file of files.sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** The committed rows of a scenario's runs. */
export function committedOf(scenario) {
  const table = join('results', pathOf(scenario), 'runs.csv');
  return existsSync(table) ? readCsv(table) : [];
}

/** Whether a row of a results file is of this run. */
export const isOf = (run) => (row) => row.variant === run.variant && Number(row.seed) === run.seed;

/** `committed`: its results are in results/; `finished`: in the working folder; `missing`: it has to be computed. */
export function stateOf(run, code, committed = committedOf(run.scenario)) {
  if (committed.filter(isOf(run)).some((row) => row.scenario === run.key)) return 'committed';
  const stamp = join(run.folder, 'stamp');
  const isFinished = existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(run, code);
  return isFinished ? 'finished' : 'missing';
}

export const stampOf = ({ key }, code) => `${key} ${code}\n`;

/** Seconds that a run took where the results were made; undefined where it has never run. */
export function durations() {
  const rows = existsSync(DURATIONS) ? readCsv(DURATIONS) : [];
  const known = new Map(rows.map((row) => [`${row.scenario} ${row.variant}`, Number(row.seconds)]));
  return { known, of: ({ scenario, variant }) => known.get(`${scenario} ${variant}`) };
}
