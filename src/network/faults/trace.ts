/** `trace`: when nodes are up, from a file. */
import { z } from 'zod';
import { type CsvLine, readCsvFile } from '../../files/csv.js';
import type { Nanoseconds } from '../../units.js';
import { positiveDuration } from '../fields.js';
import { type FaultEntry, type TaskFate, taskFate } from './fault.js';
import { changesOf, type Interval, NEVER, nextChange, type TraceEnd } from './intervals.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'CSV file, relative to the scenario: columns node, from_s, to_s; a node is up from from_s until to_s, and down between its intervals',
    ),
  after: z
    .enum(['repeat', 'up', 'down'])
    .describe(
      'what follows the end of the trace: it begins again, or all of its nodes are up, or down, for good',
    ),
  period: positiveDuration('duration')
    .optional()
    .describe('length of the trace; default: the last to_s of the file'),
  task: taskFate(),
});

type Options = z.output<typeof options>;

/** What the file says. */
interface Prepared extends TraceEnd {
  /** When the nodes that it names go up or down, in turn. */
  readonly changes: ReadonlyMap<number, readonly Nanoseconds[]>;
  /** Those of them that are up at the start. */
  readonly up: ReadonlySet<number>;
  readonly task: TaskFate;
}

/** Nodes that the file does not name are always up. */
export const trace: FaultEntry<Options, Prepared> = {
  id: 'trace',
  description: 'nodes are up at the times that a file says',
  options,
  async prepare({ file, after, period: given, task }, { nodes, directory }) {
    const columns = { required: ['node', 'from_s', 'to_s'], optional: [] };
    const lines = await readCsvFile({ directory, name: file, path: 'file' }, columns);
    const intervals = intervalsOf(lines, nodes, given);
    const all = [...intervals];
    const last = Math.max(...all.map(([, own]) => own.at(-1)!.to));
    const end = { period: given ?? last, after };
    return {
      ...end,
      task,
      changes: new Map(all.map(([node, own]) => [node, changesOf(own, end)])),
      up: new Set(all.filter(([, own]) => own[0]!.from === 0).map(([node]) => node)),
    };
  },
  start(prepared, { schedule }) {
    for (const [target, changes] of prepared.changes) {
      const time = prepared.up.has(target) ? nextChange(changes, 0, prepared) : 0;
      if (time !== NEVER) schedule({ event: 'node-down', time, target });
    }
  },
  on: {
    'node-down'({ time, target }, prepared, { schedule, hold }) {
      const next = nextChange(prepared.changes.get(target)!, time, prepared);
      if (next !== NEVER) schedule({ event: 'node-up', time: next, target });
      hold(target, prepared.task);
    },
    'node-up'({ time, target }, prepared, { schedule, release }) {
      const next = nextChange(prepared.changes.get(target)!, time, prepared);
      if (next !== NEVER) schedule({ event: 'node-down', time: next, target });
      release(target);
    },
  },
};

/** The intervals of each node, of which those that touch are one. Throws a UsageError with file and line. */
function intervalsOf(
  lines: readonly CsvLine[],
  nodes: number,
  period: Nanoseconds | undefined,
): ReadonlyMap<number, readonly Interval[]> {
  const intervals = new Map<number, Interval[]>();
  for (const line of lines) {
    const node = line.node('node', nodes);
    const [from, to] = [line.seconds('from_s'), line.seconds('to_s')];
    const own = intervals.get(node) ?? [];
    const before = own.at(-1);
    if (to <= from) line.refuse(`expected a to_s above from_s, got ${line.text('to_s')}`);
    if (before !== undefined && from < before.to)
      line.refuse(
        `expected the intervals of node ${node} in order and without overlap, got from_s ${line.text('from_s')}`,
      );
    if (period !== undefined && to > period)
      line.refuse(`expected a to_s within the period, got ${line.text('to_s')}`);
    if (before?.to === from) own[own.length - 1] = { from: before.from, to };
    else own.push({ from, to });
    intervals.set(node, own);
  }
  return intervals;
}
