/** Files of bandwidths over time: lines of a node or of a shared link, each of which holds until the next one. */
import { z } from 'zod';
import type { CsvLine } from '../../files/csv.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { positiveDuration } from '../fields.js';
import { MAX_BANDWIDTH } from '../sharing/arithmetic.js';
import type { Step } from './tracks.js';

/** Options that say what follows the end of a trace. */
export const ending = {
  after: z
    .enum(['repeat', 'stop'])
    .describe('what follows the end of the trace: it begins again, or the last bandwidths stay'),
  period: positiveDuration('duration')
    .optional()
    .describe('after how long it begins again; only with repeat'),
};

/** Of whom lines of a file are, and which of their columns are bandwidths. */
interface LinesOf {
  /** The number of whom a line is; throws where there is no such one. */
  number(line: CsvLine): number;
  /** That one in words: `node 3`. */
  name(number: number): string;
  readonly columns: readonly string[];
  readonly period: Nanoseconds | undefined;
}

/** The lines of one node or link. */
interface Lines {
  readonly first: CsvLine;
  /** By column. */
  readonly steps: readonly Step[][];
}

/** Lines by whom they are of, in the order of the file. Throws a UsageError with file and line. */
export function readLines(lines: readonly CsvLine[], of: LinesOf): ReadonlyMap<number, Lines> {
  const all = new Map<number, Lines>();
  for (const line of lines) {
    const number = of.number(line);
    const time = line.seconds('time_s');
    const own = all.get(number) ?? { first: line, steps: of.columns.map((): Step[] => []) };
    const before = own.steps[0]!.at(-1);
    if (before === undefined && time !== 0)
      line.refuse(`expected the first line of ${of.name(number)} at time_s 0, got ${line.text('time_s')}`);
    if (before !== undefined && time <= before.time)
      line.refuse(
        `expected the lines of ${of.name(number)} in order of time, got time_s ${line.text('time_s')}`,
      );
    if (of.period !== undefined && time >= of.period)
      line.refuse(`expected a time_s below the period, got ${line.text('time_s')}`);
    for (const [k, column] of of.columns.entries())
      own.steps[k]!.push({ time, bandwidth: bandwidthIn(line, column) });
    all.set(number, own);
  }
  return all;
}

function bandwidthIn(line: CsvLine, column: string): BitsPerSecond {
  const text = line.text(column);
  const bandwidth = Number(text);
  if (/^\d+$/.test(text) && bandwidth <= MAX_BANDWIDTH) return bandwidth;
  return line.refuse(`expected whole bits per second from 0 to 9000000000000 as ${column}, got "${text}"`);
}
