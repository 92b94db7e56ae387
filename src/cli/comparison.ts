/** The table of several runs, with one row per variant. */
import { POINTS } from '../metrics/points.js';
import { formatTable } from '../report/index.js';
import { pairedDifference, signed } from '../report/statistics.js';
import type { PlannedRun } from '../scenario/plan.js';
import type { Result } from '../simulation/result.js';
import { formatBytes, formatDuration } from '../units.js';
import type { RunOutcome } from './carry-out.js';
import { formatFlops, mean, partsUsed, percentText, spread } from './figures.js';

/** The runs of one variant, one per seed. */
type Group = readonly RunOutcome[];

interface Column {
  readonly title: string;
  cell(group: Group): string | number;
}

/** The table as text. With several seeds its numbers are means over them, accuracies with 95 % confidence intervals. */
export function comparison(runs: readonly RunOutcome[]): string {
  const groups = byVariant(runs);
  const columns = columnsOf(runs, groups);
  const rows = groups.map((group) => columns.map((column) => column.cell(group)));
  const titles = columns.map(({ title }) => title);
  const table = formatTable(titles, rows).trimEnd();
  if (groups.length === runs.length) return table;
  return `${table}\n\n± to either side: 95 % confidence interval over the seeds (Student's t)`;
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
    ...accuracyColumns(results),
    ...differenceColumn(groups),
    ...(has('global-accuracy-mean')
      ? [{ title: 'on all data', cell: (group: Group) => spread(final(group, 'global-accuracy-mean')) }]
      : []),
    ...workColumns(results),
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

/** Accuracy where metrics have their plain names, and at the other points of a round. */
function accuracyColumns(results: readonly Result[]): Column[] {
  const metrics = new Set(results.flatMap(({ final }) => Object.keys(final)));
  if (!metrics.has('accuracy-mean')) return [];
  const labels = [...new Set(results.map(({ measuredAt }) => measuredAt))];
  const main = labels.length === 1 ? `accuracy (${labels[0]})` : 'accuracy';
  const others = POINTS.filter((point) => metrics.has(`accuracy:${point}-mean`));
  return [
    { title: main, cell: (group) => spread(final(group, 'accuracy-mean')) },
    { title: 'worst node', cell: (group) => spread(final(group, 'accuracy-worst')) },
    ...others.map((point) => ({
      title: point,
      cell: (group: Group) => spread(final(group, `accuracy:${point}-mean`)),
    })),
  ];
}

/** With several seeds: by how much a variant's accuracy differs from the first one's, seed by seed. */
function differenceColumn(groups: readonly Group[]): Column[] {
  const [first, ...others] = groups;
  const accuracy = (group: Group, seed: number) =>
    group.find(({ plan }) => plan.seed === seed)?.result.final['accuracy-mean'];
  const seeds = (first ?? []).map(({ plan }) => plan.seed);
  const isComplete = groups.every((group) => seeds.every((seed) => accuracy(group, seed) !== undefined));
  if (others.length === 0 || seeds.length < 2 || !isComplete) return [];
  const all = (group: Group) => seeds.map((seed) => 100 * accuracy(group, seed)!);
  const cell = (group: Group) => {
    if (group === first) return '–';
    const { mean, margin, agree, count } = pairedDifference(all(group), all(first!));
    return `${signed(mean, 1)} ± ${margin.toFixed(1)} (${agree} of ${count})`;
  };
  return [{ title: `pp against ${first![0]!.plan.variant.name ?? 'the first'}`, cell }];
}

/** What the learners have computed; nothing where no run counts gradients. */
function workColumns(results: readonly Result[]): Column[] {
  if (results.every(({ work }) => work.flops === 0)) return [];
  const meanWork = (group: Group, pick: (work: Result['work']) => number) =>
    mean(group.map(({ result }) => pick(result.work)));
  return [
    { title: 'passes', cell: (group) => meanWork(group, ({ passes }) => passes).toFixed(1) },
    { title: 'FLOPs', cell: (group) => formatFlops(meanWork(group, ({ flops }) => flops)) },
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
