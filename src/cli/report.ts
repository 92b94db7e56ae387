/** What is printed when runs are over: a short summary of one, a table of several. */
import { formatTable } from '../report/index.js';
import { formatBytes, formatDuration } from '../units.js';
import type { FinishedRun } from './carry-out.js';
import { mycelVersion } from './machine.js';

/** Text for people, without a newline at its end. */
export function report(runs: readonly FinishedRun[]): string {
  const titles = [...new Set(runs.map(({ plan }) => plan.title))];
  const body = runs.length === 1 ? single(runs[0]!) : comparison(runs);
  const notes = runs.flatMap((run) => notesOf(run).map((note) => `${runs.length > 1 ? `${labelOf(run)}: ` : ''}${note}`));
  return [titles.join('\n'), body, ...(notes.length > 0 ? [notes.join('\n')] : []), runs.map(origin).join('\n')].join('\n\n');
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
  const { sent } = result.traffic;
  const lines: [string, string][] = [
    ['accuracy', `${percent(result.final['accuracy-mean'])} mean, ${percent(result.final['accuracy-worst'])} worst node`],
    ['sent', `${formatBytes(sent.bytes)} (values ${formatBytes(sent.values)}, index ${formatBytes(sent.index)}, header ${formatBytes(sent.header)})`],
    ['virtual time', `${formatDuration(result.time)}, ${result.rounds} rounds, ${result.events.toLocaleString('en')} events`],
  ];
  if (plan.measure.target !== undefined) lines.push([`to ${percent(plan.measure.target)}`, targetText(result.target)]);
  if (result.final['accuracy-mean'] === undefined) lines.shift();
  return lines.map(([name, text]) => `${name.padEnd(12)}  ${text}`).join('\n');
}

function targetText(target: FinishedRun['result']['target']): string {
  return target === undefined ? 'not reached' : `${formatBytes(target.bytes)} in ${formatDuration(target.time)}`;
}
