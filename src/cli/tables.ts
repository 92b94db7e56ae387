/** The tables of all results of a scenario: one row for each run, and one for each measurement, as CSV and as Parquet. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TableWriter } from '../report/csv.js';
import { scenarioPath } from '../report/index.js';
import { OutputFile, orUnwritable } from '../report/output-file.js';
import { type ParquetColumns, ParquetTable } from '../report/parquet-table.js';
import { readCsv } from '../report/read-table.js';
import type { Cell } from '../report/tables.js';
import { type Collected, differingPaths, leafAt, resultsBelow } from './collect.js';

/** A column: its name, its type, and its cell in a row. */
interface Column<Of> {
  readonly name: string;
  readonly type: ParquetColumns[string];
  cell(row: Of): Cell;
}

/** For each scenario, the tables of all its results below `out`: also of those that were there before. */
export function writeScenarioTables(files: readonly string[], out: string): void {
  for (const { folder, results } of scenarioResults(files, out)) writeTables(folder, results);
}

/** For each scenario that has results below `out`, all of them, and the folder that they are in. */
export function scenarioResults(
  files: readonly string[],
  out: string,
): Array<{ readonly folder: string; readonly results: readonly Collected[] }> {
  return [...new Set(files)].flatMap((scenario) => {
    const folder = scenarioPath({ root: out, scenario });
    // Below it there may be results of another scenario, whose folder has this one's name.
    const isOwn = ({ summary: { machine } }: Collected) =>
      machine.file !== undefined && resolve(machine.file) === resolve(scenario);
    const results = existsSync(folder) ? resultsBelow(folder).filter(isOwn) : [];
    return results.length > 0 ? [{ folder, results }] : [];
  });
}

/** Writes runs and metrics of these results into a folder, each file whole. Returns the paths of the files. */
export function writeTables(folder: string, results: readonly Collected[]): string[] {
  orUnwritable(folder, () => mkdirSync(folder, { recursive: true }));
  return [
    ...write(join(folder, 'runs'), runColumns(results), results),
    ...write(join(folder, 'metrics'), METRIC_COLUMNS, measurements(results)),
  ];
}

function runColumns(results: readonly Collected[]): Column<Collected>[] {
  const paths = differingPaths(results.map(({ summary }) => summary.scenario));
  const metrics = [...new Set(results.flatMap(({ summary }) => Object.keys(summary.final)))];
  const hasTarget = results.some(({ summary }) => summary.target !== undefined);
  const traffic = ['messages', 'bytes', 'parts'] as const;
  return [
    { name: 'variant', type: 'string?', cell: ({ summary }) => summary.variant },
    ...paths.map((path): Column<Collected> => {
      const values = results.map(({ summary }) => leafAt(summary.scenario, path));
      const areNumbers = values.every((value) => value === undefined || typeof value === 'number');
      const cell = ({ summary }: Collected) => textOf(leafAt(summary.scenario, path));
      return areNumbers
        ? { name: path, type: 'double?', cell: ({ summary }) => leafAt(summary.scenario, path) as Cell }
        : { name: path, type: 'string?', cell };
    }),
    { name: 'seed', type: 'int64', cell: ({ summary }) => summary.seed },
    { name: 'stopped', type: 'string', cell: ({ summary }) => summary.stopped },
    { name: 'rounds', type: 'int64', cell: ({ summary }) => summary.rounds },
    { name: 'events', type: 'int64', cell: ({ summary }) => summary.events },
    { name: 'time_ns', type: 'int64', cell: ({ summary }) => summary.time_ns },
    ...traffic.flatMap((group) =>
      Object.keys(results[0]!.summary.traffic[group]).map(
        (name): Column<Collected> => ({
          name: group === 'messages' ? `${snake(name)}_messages` : `${snake(name)}_bytes`,
          type: 'int64',
          cell: ({ summary }) => summary.traffic[group][name],
        }),
      ),
    ),
    ...(['gradient_steps', 'samples', 'passes', 'flops'] as const).map(
      (name): Column<Collected> => ({ name, type: 'double', cell: ({ summary }) => summary.work[name] }),
    ),
    ...metrics.map(
      (metric): Column<Collected> => ({
        name: metric,
        type: 'double?',
        cell: ({ summary }) => numberOf(summary.final[metric]),
      }),
    ),
    ...(hasTarget
      ? ([
          { name: 'target', type: 'double?', cell: ({ summary }) => summary.target?.accuracy },
          { name: 'bytes_to_target', type: 'int64?', cell: ({ summary }) => summary.target?.sent_bytes },
          { name: 'time_to_target_ns', type: 'int64?', cell: ({ summary }) => summary.target?.time_ns },
        ] satisfies Column<Collected>[])
      : []),
    { name: 'trace', type: 'string', cell: ({ summary }) => summary.fingerprints.trace },
    { name: 'params', type: 'string', cell: ({ summary }) => summary.fingerprints.params },
    { name: 'mycel', type: 'string', cell: ({ summary }) => summary.mycel },
    { name: 'folder', type: 'string', cell: ({ folder }) => folder },
  ];
}

/** A row of metrics.csv with the run that it is of. */
interface Measurement extends Readonly<Record<string, string>> {}

const METRIC_COLUMNS: readonly Column<readonly [Collected, Measurement]>[] = [
  { name: 'variant', type: 'string?', cell: ([{ summary }]) => summary.variant },
  { name: 'seed', type: 'int64', cell: ([{ summary }]) => summary.seed },
  { name: 'time_ns', type: 'int64', cell: ([, { time_ns }]) => Number(time_ns) },
  { name: 'round', type: 'int64', cell: ([, { round }]) => Number(round) },
  { name: 'node', type: 'int64?', cell: ([, { node }]) => (node === '' ? undefined : Number(node)) },
  { name: 'metric', type: 'string', cell: ([, { metric }]) => metric },
  { name: 'value', type: 'double', cell: ([, { value }]) => Number(value) },
];

function* measurements(results: readonly Collected[]): Generator<readonly [Collected, Measurement]> {
  for (const result of results) {
    const file = join(result.folder, 'metrics.csv');
    if (existsSync(file)) for (const row of readCsv(file)) yield [result, row];
  }
}

/** Both forms of a table, written aside and renamed. */
function write<Of>(path: string, columns: readonly Column<Of>[], rows: Iterable<Of>): string[] {
  const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const file = new OutputFile(`${aside}.csv`);
  const csv = new TableWriter(
    file,
    columns.map(({ name }) => name),
  );
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
  const parquet = new ParquetTable(`${aside}.parquet`, types);
  try {
    for (const row of rows) {
      const cells = columns.map(({ cell }) => cell(row));
      csv.write(Object.fromEntries(columns.map(({ name }, k) => [name, cells[k]])));
      parquet.write(cells);
    }
    csv.flush();
    file.close();
    parquet.close();
    return ['.csv', '.parquet'].map((ending) => {
      orUnwritable(path, () => renameSync(`${aside}${ending}`, `${path}${ending}`));
      return `${path}${ending}`;
    });
  } finally {
    file.discard();
    parquet.discard();
    for (const ending of ['.csv', '.parquet']) rmSync(`${aside}${ending}`, { force: true });
  }
}

/** In summaries, numbers that are not finite are text. */
function numberOf(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
