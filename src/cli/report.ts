/** What is printed when runs are over: a short summary of one, a table of several. */
import { formatTable } from '../report/index.js';
import type { Result } from '../result.js';
import type { PlannedRun } from '../scenario/plan.js';
import { formatBytes, formatDuration } from '../units.js';
import type { FinishedRun } from './carry-out.js';
import { mycelVersion } from './machine.js';

/** Text for people, without a newline at its end. */
export function report(runs: readonly FinishedRun[]): string {
  const titles = [...new Set(runs.map(({ plan }) => plan.title))];
  const body = runs.length === 1 ? single(runs[0]!) : comparison(runs);
  const notes = runs.flatMap((run) =>
    notesOf(run).map((note) => `${runs.length > 1 ? `${labelOf(run)}: ` : ''}${note}`),
  );
  return [
    titles.join('\n'),
    body,
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    runs.map(origin).join('\n'),
  ].join('\n\n');
}

/** What can be pasted into a bug report: it names everything that the result depends on. */
export function reportLine({ plan, result }: FinishedRun): string {
  const { name, versions } = result.backend;
  const version = Object.entries(versions).find(([library]) => library !== 'node')?.[1];
  return [
    `mycel ${mycelVersion()}`,
    `node ${process.version}`,
    ['backend', name, version].filter(Boolean).join(' '),
    `scenario ${plan.file}`,
    ...(plan.variant.name === undefined ? [] : [`variant ${plan.variant.name}`]),
    `seed ${plan.seed}`,
    `trace ${result.fingerprints.trace}`,
    `params ${result.fingerprints.params}`,
  ].join(', ');
}

function origin(run: FinishedRun): string {
  return `${run.folder}\n  ${reportLine(run)}`;
}

function labelOf({ plan }: FinishedRun): string {
  return [plan.variant.name ?? plan.title, `seed ${plan.seed}`].join(', ');
}

function single({ plan, result }: FinishedRun): string {
  const { bytes, parts, messages } = result.traffic;
  const accuracy = result.final['accuracy-mean'];
  const split = partsUsed([result]).map((part) => `${part} ${formatBytes(parts[part])}`);
  const lines: [string, string][] = [
    [
      'sent',
      `${formatBytes(bytes.sent)} in ${messages.sent.toLocaleString('en')} messages (${split.join(', ')})`,
    ],
    [
      'virtual time',
      `${formatDuration(result.time)}, ${result.rounds} rounds, ${result.events.toLocaleString('en')} events`,
    ],
  ];
  if (accuracy !== undefined) {
    lines.unshift([
      'accuracy',
      `${percent(accuracy)} mean, ${percent(result.final['accuracy-worst'])} worst node`,
    ]);
  }
  const { target } = plan.measure;
  if (target !== undefined) lines.push([`to ${percent(target)}`, targetText(result.target)]);
  return lines.map(([name, text]) => `${name.padEnd(12)}  ${text}`).join('\n');
}

/** One row a variant; with several seeds, means over them, and the standard deviation of the accuracy. */
function comparison(runs: readonly FinishedRun[]): string {
  const groups = byVariant(runs);
  const parts = partsUsed(runs.map(({ result }) => result));
  const targets = [...new Set(runs.map(({ plan }) => plan.measure.target))].filter(
    (target) => target !== undefined,
  );
  const files = new Set(runs.map(({ plan }) => plan.file)).size;
  const hasAccuracy = runs.some(({ result }) => result.final['accuracy-mean'] !== undefined);
  const columns = [
    files > 1 ? 'scenario' : 'variant',
    ...(groups.length < runs.length ? ['seeds'] : []),
    ...(hasAccuracy ? ['accuracy', 'worst node'] : []),
    'bytes sent',
    ...parts,
    'virtual time',
    ...targets.map((target) => `bytes to ${percent(target)}`),
  ];
  const rows = groups.map((group) => {
    const of = (pick: (result: Result) => number | undefined) => group.map(({ result }) => pick(result));
    return [
      rowName(group[0]!, files > 1),
      ...(groups.length < runs.length ? [group.length] : []),
      ...(hasAccuracy
        ? [spread(of(metric('accuracy-mean'))), percent(mean(of(metric('accuracy-worst'))))]
        : []),
      formatBytes(whole(of(({ traffic }) => traffic.bytes.sent))),
      ...parts.map((part) => formatBytes(whole(of(({ traffic }) => traffic.parts[part])))),
      formatDuration(whole(of(({ time }) => time))),
      ...targets.map((target) => (group[0]!.plan.measure.target === target ? bytesToTarget(group) : '–')),
    ];
  });
  return formatTable(columns, rows).trimEnd();
}

function byVariant(runs: readonly FinishedRun[]): FinishedRun[][] {
  const groups = new Map<PlannedRun['variant'], FinishedRun[]>();
  for (const run of runs) groups.set(run.plan.variant, [...(groups.get(run.plan.variant) ?? []), run]);
  return [...groups.values()];
}

function rowName({ plan }: FinishedRun, withFile: boolean): string {
  const name = plan.variant.name ?? plan.file;
  return withFile && plan.variant.name !== undefined ? `${plan.file} ${name}` : name;
}

function bytesToTarget(group: readonly FinishedRun[]): string {
  const reached = group.flatMap(({ result }) => (result.target ? [result.target.bytes] : []));
  if (reached.length === 0) return 'not reached';
  return `${formatBytes(whole(reached))}${reached.length < group.length ? ` (${reached.length} of ${group.length})` : ''}`;
}

/** What a reader must know to judge the numbers. */
function notesOf({ plan, result }: FinishedRun): string[] {
  const notes: string[] = [];
  const { messages } = result.traffic;
  if (result.stopped === 'stalled')
    notes.push(`stalled: ${result.explanation ?? 'nothing is left to happen'}`);
  if (result.stopped === 'time')
    notes.push(`ended by the time limit of ${formatDuration(plan.stop.at)}, in round ${result.rounds}`);
  if (result.diverged.length > 0) {
    const nodes = result.diverged.slice(0, 8).map(({ node, round }) => `node ${node} in round ${round}`);
    const more =
      result.diverged.length > nodes.length ? `, and ${result.diverged.length - nodes.length} more` : '';
    const end = result.stopped === 'diverged' ? 'the run stopped there' : 'the run went on';
    notes.push(`diverged (params no longer finite): ${nodes.join(', ')}${more}; ${end}`);
  }
  const lost = [
    [messages.dropped, 'dropped'],
    [messages.cut, 'cut'],
    [messages.ignored, 'too late to be used (ignored)'],
    [messages.retried, 'retried'],
  ] as const;
  const counts = lost
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count.toLocaleString('en')} ${what}`);
  if (counts.length > 0)
    notes.push(`of ${messages.sent.toLocaleString('en')} messages: ${counts.join(', ')}`);
  return notes;
}

function targetText(target: Result['target']): string {
  return target === undefined
    ? 'not reached'
    : `${formatBytes(target.bytes)} in ${formatDuration(target.time)}`;
}

/** Values, index and header, and framing where there was any. */
function partsUsed(results: readonly Result[]): readonly (keyof Result['traffic']['parts'])[] {
  const framed = results.some(({ traffic }) => traffic.parts.framing > 0);
  return ['values', 'index', 'header', ...(framed ? (['framing'] as const) : [])];
}

function metric(name: string): (result: Result) => number | undefined {
  return ({ final }) => final[name];
}

/** NaN where any is missing: a mean over what happens to be there would hide it. */
function mean(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;
}

function whole(values: readonly (number | undefined)[]): number {
  return Math.round(mean(values));
}

/** `85.1 %`, or `85.1 ± 0.4 %` (sample standard deviation) of several. */
function spread(values: readonly (number | undefined)[]): string {
  const centre = mean(values);
  if (values.length < 2) return percent(centre);
  const squares = values.reduce<number>((sum, value) => sum + ((value ?? Number.NaN) - centre) ** 2, 0);
  return `${(centre * 100).toFixed(1)} ± ${(Math.sqrt(squares / (values.length - 1)) * 100).toFixed(1)} %`;
}

function percent(share: number | undefined): string {
  return share === undefined || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;
}
