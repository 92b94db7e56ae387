/** The table of several runs, with one row per variant. */
import { formatTable } from '../report/index.js';
import type { PlannedRun } from '../scenario/plan.js';
import type { Result } from '../simulation/result.js';
import { formatBytes, formatDuration } from '../units.js';
import type { RunOutcome } from './carry-out.js';
import { mean, partsUsed, percent, percentText, spread } from './figures.js';

/** The runs of one variant, one per seed. */
type Group = readonly RunOutcome[];

interface Column {
  readonly title: string;
  cell(group: Group): string | number;
}

/** The table as text. With several seeds its numbers are means over them, the accuracy with sample standard deviation. */
export function comparison(runs: readonly RunOutcome[]): string {
  const groups = byVariant(runs);
  const columns = columnsOf(runs, groups);
  const rows = groups.map((group) => columns.map((column) => column.cell(group)));
  return formatTable(
    columns.map(({ title }) => title),
    rows,
  ).trimEnd();
}

function byVariant(runs: readonly RunOutcome[]): Group[] {
  const groups = new Map<PlannedRun['variant'], RunOutcome[]>();
  for (const run of runs) groups.set(run.plan.variant, [...(groups.get(run.plan.variant) ?? []), run]);
  return [...groups.values()];
}

function columnsOf(runs: readonly RunOutcome[], groups: readonly Group[]): Column[] {
  const results = runs.map(({ result }) => result);
  const has = (metric: string) => results.some(({ final }) => final[metric] !== undefined);
  const targets = new Set(runs.flatMap(({ plan }) => plan.measure.target ?? []));
  return [
    nameColumn(runs),
    ...(groups.length < runs.length ? [{ title: 'seeds', cell: (group: Group) => group.length }] : []),
    ...(has('accuracy-mean')
      ? [
          { title: 'accuracy', cell: (group: Group) => spread(final(group, 'accuracy-mean')) },
          { title: 'worst node', cell: (group: Group) => percent(mean(final(group, 'accuracy-worst'))) },
        ]
      : []),
    ...(has('global-accuracy-mean')
      ? [{ title: 'on all data', cell: (group: Group) => spread(final(group, 'global-accuracy-mean')) }]
      : []),
    { title: 'bytes sent', cell: (group) => meanBytes(group, ({ traffic }) => traffic.bytes.sent) },
    ...partsUsed(results).map((part) => ({
      title: part,
      cell: (group: Group) => meanBytes(group, ({ traffic }) => traffic.parts[part]),
    })),
    {
      title: 'virtual time',
      cell: (group) => formatDuration(wholeMean(group.map(({ result }) => result.time))),
    },
    ...[...targets].map((target) => ({
      title: `bytes to ${percentText(target)}`,
      cell: (group: Group) => bytesToTarget(group, target),
    })),
  ];
}

function nameColumn(runs: readonly RunOutcome[]): Column {
  const many = new Set(runs.map(({ plan }) => plan.file)).size > 1;
  return {
    title: many ? 'scenario' : 'variant',
    cell: ([run]) => {
      const { file, variant } = run!.plan;
      return variant.name === undefined ? file : many ? `${file} ${variant.name}` : variant.name;
    },
  };
}

function final(group: Group, metric: string): (number | undefined)[] {
  return group.map(({ result }) => result.final[metric]);
}

function meanBytes(group: Group, pick: (result: Result) => number): string {
  return formatBytes(wholeMean(group.map(({ result }) => pick(result))));
}

function bytesToTarget(group: Group, target: number): string {
  if (group[0]!.plan.measure.target !== target) return '–';
  const reached = group.flatMap(({ result }) => (result.target ? [result.target.bytes] : []));
  if (reached.length === 0) return 'not reached';
  const part = reached.length < group.length ? ` (${reached.length} of ${group.length})` : '';
  return `${formatBytes(wholeMean(reached))}${part}`;
}

function wholeMean(values: readonly number[]): number {
  return Math.round(mean(values));
}
