/** The table of several results, with one row per variant. */
import { POINTS } from '../metrics/points.js';
import { formatTable } from '../report/index.js';
import { formatJson } from '../report/json.js';
import { differenceBySeed, estimate, type PairedDifference, signed } from '../report/statistics.js';
import { formatBytes, formatDuration } from '../units.js';
import { type Collected, differingPaths, leafAt } from './collect.js';
import { finalOf, formatFlops, mean, partsUsed, percentText, spread } from './figures.js';
import type { Summary } from './summary.js';

/** The results of one variant, one per seed. */
export interface Group {
  /** What tells it from the others. */
  readonly name: string;
  readonly results: readonly Collected[];
}

interface Column {
  readonly title: string;
  cell(group: Group): string | number;
}

/** What a comparison shows. */
interface ComparisonOptions {
  /** @defaultValue text */
  readonly form?: 'text' | 'markdown';
  /** The name of the variant that others are compared with. Default: the first. */
  readonly against?: string | undefined;
  /** A metric of the whole run in a column of its own. */
  readonly metric?: string | undefined;
}

/** The table as text. With several seeds its numbers are means over them, accuracies with 95 % confidence intervals. */
export function comparison(
  results: readonly Collected[],
  { form = 'text', against, metric }: ComparisonOptions = {},
): string {
  const groups = groupsOf(results);
  const base = groups.find(({ name }) => name === against) ?? groups[0]!;
  const columns = columnsOf(results, groups, base, metric);
  const rows = groups.map((group) => columns.map((column) => column.cell(group)));
  const titles = columns.map(({ title }) => title);
  const table = formatTable(titles, rows, form).trimEnd();
  if (groups.length === results.length) return table;
  return `${table}\n\n± to either side: 95 % confidence interval over the seeds (Student's t)`;
}

/** Results of the same scenario but for the seed belong together. */
export function groupsOf(results: readonly Collected[]): Group[] {
  const groups = new Map<string, Collected[]>();
  for (const result of results) {
    const { scenario, variant, machine } = result.summary;
    const { seed: _seed, seeds: _seeds, ...rest } = scenario;
    const key = formatJson([machine.file, variant, rest]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const all = [...groups.values()];
  const manyFiles = new Set(results.map(({ summary }) => summary.machine.file)).size > 1;
  const names = all.map(([first]) => nameOf(first!.summary, manyFiles));
  return all.map((own, g) => {
    const name = names[g]!;
    const namesakes = all.filter((_, other) => names[other] === name);
    return { name: namesakes.length > 1 ? `${name} ${distinction(own, namesakes)}` : name, results: own };
  });
}

function nameOf({ variant, machine, title }: Summary, manyFiles: boolean): string {
  const file = machine.file ?? title;
  if (variant === undefined) return file;
  return manyFiles ? `${file} ${variant}` : variant;
}

/** `(network.drop 1%)`: where scenarios of the same name differ. */
function distinction(own: readonly Collected[], namesakes: readonly (readonly Collected[])[]): string {
  const scenarios = namesakes.map(([first]) => first!.summary.scenario);
  const values = differingPaths(scenarios).map((path) => {
    const value = leafAt(own[0]!.summary.scenario, path);
    return `${path} ${typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')}`;
  });
  return `(${values.join(', ')})`;
}

function columnsOf(
  results: readonly Collected[],
  groups: readonly Group[],
  base: Group,
  metric: string | undefined,
): Column[] {
  const summaries = results.map(({ summary }) => summary);
  const has = (metric: string) => summaries.some(({ final }) => final[metric] !== undefined);
  const targets = new Set(summaries.flatMap(({ target }) => target?.accuracy ?? []));
  const manyFiles = new Set(summaries.map(({ machine }) => machine.file)).size > 1;
  return [
    { title: manyFiles ? 'scenario' : 'variant', cell: ({ name }) => name },
    ...(groups.length < results.length
      ? [{ title: 'seeds', cell: (group: Group) => group.results.length }]
      : []),
    ...accuracyColumns(summaries),
    ...differenceColumn(groups, base),
    ...(metric === undefined ? [] : metricColumns(groups, base, metric)),
    ...(has('global-accuracy-mean')
      ? [{ title: 'on all data', cell: (group: Group) => spread(finals(group, 'global-accuracy-mean')) }]
      : []),
    ...workColumns(summaries),
    { title: 'bytes sent', cell: (group) => meanBytes(group, ({ traffic }) => traffic.bytes.sent!) },
    ...partsUsed(summaries).map((part) => ({
      title: part,
      cell: (group: Group) => meanBytes(group, ({ traffic }) => traffic.parts[part]!),
    })),
    {
      title: 'virtual time',
      cell: (group) => formatDuration(wholeMean(group.results.map(({ summary }) => summary.time_ns))),
    },
    ...[...targets].map((target) => ({
      title: `bytes to ${percentText(target)}`,
      cell: (group: Group) => bytesToTarget(group, target),
    })),
  ];
}

/** Accuracy where metrics have their plain names, and at the other points of a round. */
function accuracyColumns(summaries: readonly Summary[]): Column[] {
  const metrics = new Set(summaries.flatMap(({ final }) => Object.keys(final)));
  if (!metrics.has('accuracy-mean')) return [];
  const labels = [...new Set(summaries.map((summary) => summary.measured_at))];
  const main = labels.length === 1 ? `accuracy (${labels[0]})` : 'accuracy';
  const others = POINTS.filter((point) => metrics.has(`accuracy:${point}-mean`));
  return [
    { title: main, cell: (group) => spread(finals(group, 'accuracy-mean')) },
    { title: 'worst node', cell: (group) => spread(finals(group, 'accuracy-worst')) },
    ...others.map((point) => ({
      title: point,
      cell: (group: Group) => spread(finals(group, `accuracy:${point}-mean`)),
    })),
  ];
}

/** With several seeds: by how much a variant's accuracy differs from another's, seed by seed. */
function differenceColumn(groups: readonly Group[], base: Group): Column[] {
  const difference = differenceFrom(base, 'accuracy-mean', 100, 1);
  if (groups.every((group) => difference(group) === '–')) return [];
  return [{ title: `pp against ${base.name}`, cell: difference }];
}

/** A metric of the reader's choice, in its own unit. */
function metricColumns(groups: readonly Group[], base: Group, metric: string): Column[] {
  const cell = (group: Group) => {
    const { mean, margin } = estimate(finals(group, metric).map((value) => value ?? Number.NaN));
    if (Number.isNaN(mean)) return '–';
    return Number.isNaN(margin) ? mean.toPrecision(4) : `${mean.toPrecision(4)} ± ${margin.toPrecision(2)}`;
  };
  const difference = differenceFrom(base, metric);
  const own: Column = { title: metric, cell };
  if (groups.every((group) => difference(group) === '–')) return [own];
  return [own, { title: `against ${base.name}`, cell: difference }];
}

/** `+1.2 ± 0.4 (5 of 5)`: by how much a metric differs from that of `base`, seed by seed; `–` where fewer than two seeds can be compared. */
function differenceFrom(base: Group, metric: string, scale = 1, digits?: number): (group: Group) => string {
  return (group) => {
    if (group === base) return '–';
    const difference = differenceOf(group, base, ({ summary }) => {
      const value = finalOf(summary, metric);
      return value === undefined ? undefined : scale * value;
    });
    if (difference === undefined || difference.count < 2) return '–';
    const { mean, margin, agree, count } = difference;
    const places = digits ?? Math.max(0, 1 - Math.floor(Math.log10(margin || 1)));
    return `${signed(mean, places)} ± ${margin.toFixed(places)} (${agree} of ${count})`;
  };
}

/** What a number of the results is more than in `base`, seed by seed; undefined if they share no seed. */
export function differenceOf(
  group: Group,
  base: Group,
  of: (result: Collected) => number | undefined,
): PairedDifference | undefined {
  const values = ({ results }: Group) =>
    results.map((result) => ({ seed: result.summary.seed, value: of(result) }));
  return differenceBySeed(values(group), values(base));
}

/** What the learners have computed; nothing where no run counts gradients. */
function workColumns(summaries: readonly Summary[]): Column[] {
  if (summaries.every(({ work }) => work.flops === 0)) return [];
  const meanWork = (group: Group, kind: keyof Summary['work']) =>
    mean(group.results.map(({ summary }) => summary.work[kind]));
  return [
    { title: 'passes', cell: (group) => meanWork(group, 'passes').toFixed(1) },
    { title: 'FLOPs', cell: (group) => formatFlops(meanWork(group, 'flops')) },
  ];
}

function finals(group: Group, metric: string): (number | undefined)[] {
  return group.results.map(({ summary }) => finalOf(summary, metric));
}

function meanBytes(group: Group, pick: (summary: Summary) => number): string {
  return formatBytes(wholeMean(group.results.map(({ summary }) => pick(summary))));
}

function bytesToTarget({ results }: Group, accuracy: number): string {
  if (results[0]!.summary.target?.accuracy !== accuracy) return '–';
  const reached = results.flatMap(({ summary }) => summary.target?.sent_bytes ?? []);
  if (reached.length === 0) return 'not reached';
  const part = reached.length < results.length ? ` (${reached.length} of ${results.length})` : '';
  return `${formatBytes(wholeMean(reached))}${part}`;
}

function wholeMean(values: readonly number[]): number {
  return Math.round(mean(values));
}
