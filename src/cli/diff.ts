/**
 * `mycel diff`: whether two runs are the same, and if not, where they part. The marks of blocks.csv say between which events;
 * both runs are computed again as far as there, side by side, so that memory stays bounded.
 */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { EXIT, shortened, UsageError } from '../errors.js';
import { isMap } from '../options/index.js';
import { formatJson } from '../report/json.js';
import { formatDuration } from '../units.js';
import { planOfResult } from './again.js';
import { differencesOf } from './differences.js';
import { listenForInterrupts } from './interrupt.js';
import { type JournalEvent, type JournalRecord, type JournalSetUp, replay } from './journal.js';
import { readSummary } from './summary.js';

/** Options of `mycel diff` as commander gives them. */
export interface DiffFlags {
  readonly workers: number;
}

/** A row of blocks.csv. */
interface Mark {
  readonly events: number;
  readonly time: number;
  readonly trace: string;
}

/** Compares two folders of results, or two files of `mycel replay`. Returns the exit code. */
export async function diffCommand(a: string, b: string, { workers }: DiffFlags): Promise<number> {
  if (isFile(a) && isFile(b)) return printed(await firstDifference(recordsIn(a), recordsIn(b)), undefined);
  const differences = await differencesOf(a, b);
  if (differences.length === 0) {
    console.log('the same to the bit');
    return EXIT.ok;
  }
  console.log(`from ${a} to ${b}:`);
  for (const line of differences) console.log(`  ${line}`);
  const { from, to, text } = between(marksIn(a), marksIn(b));
  console.log(text);
  const [one, other] = [await planOfResult(a), await planOfResult(b)];
  const interruption = listenForInterrupts();
  const { signal } = interruption;
  // From the start, since marks know nothing of draws.
  const records = [one, other].map((plan) =>
    replay(plan, { from: 0, to: to ?? Number.MAX_SAFE_INTEGER, workers, signal }),
  );
  try {
    const difference = await firstDifference(records[0]!, records[1]!);
    if (signal.aborted) return EXIT.interrupted;
    if (difference === undefined) console.log(unexplained(a, b, { from, to }));
    return printed(difference, EXIT.differs);
  } finally {
    for (const generator of records) await generator.return();
    interruption.stop();
  }
}

function printed(difference: string | undefined, otherwise: number | undefined): number {
  if (difference !== undefined) {
    console.log(difference);
    return EXIT.differs;
  }
  if (otherwise === undefined) console.log('the same events, numbers and draws');
  return otherwise ?? EXIT.ok;
}

/** Between which events two runs part, by their marks. */
function between(
  a: readonly Mark[],
  b: readonly Mark[],
): { from: number; to: number | undefined; text: string } {
  const others = new Map(b.map((mark) => [mark.events, mark]));
  let from = 0;
  let time = 0;
  for (const mark of a) {
    const other = others.get(mark.events);
    if (other === undefined) continue;
    const isSame = mark.trace === other.trace && mark.time === other.time;
    if (!isSame) {
      const text = `the first ${from} events are the same (${formatDuration(time)}), the first ${mark.events} are not`;
      return { from, to: mark.events, text };
    }
    ({ events: from, time } = mark);
  }
  return { from, to: undefined, text: `the first ${from} events are the same (${formatDuration(time)})` };
}

/** What to say where the runs are the same when they are computed here. */
function unexplained(a: string, b: string, { from, to }: { from: number; to: number | undefined }): string {
  const made = [a, b].map((folder) => {
    const { mycel, machine, computed } = readSummary(folder);
    return `${folder}: mycel ${mycel}, ${machine.node ?? 'unknown node'}, ${machine.platform ?? ''}, ${machine.cpu ?? ''}, ${formatJson(computed)}`;
  });
  const range = `${from}..${to ?? 'END'}`;
  return [
    'computed here, both runs do the same: they differ by where, or by which code, they were computed',
    ...made.map((line) => `  ${line}`),
    `compare what happens there: mycel replay FOLDER --events ${range} --out a.ndjson on each side, then mycel diff a.ndjson b.ndjson`,
  ].join('\n');
}

/** The first event in which two runs differ, and the first draw that does, which may come earlier; undefined if none does. */
async function firstDifference(
  a: AsyncIterator<JournalRecord>,
  b: AsyncIterator<JournalRecord>,
): Promise<string | undefined> {
  let draw: string | undefined;
  for (;;) {
    const [one, other] = await Promise.all([a.next(), b.next()]);
    if (one.done && other.done) return draw;
    if (one.done || other.done) {
      const last = (one.done ? other.value : one.value) as JournalRecord;
      const ends = `the ${one.done ? 'first' : 'second'} run ends before an event that is in the other: ${titleOf(last)}`;
      return [draw, ends].filter(Boolean).join('\n');
    }
    if (isDeepStrictEqual(one.value, other.value)) continue;
    draw ??= drawDifference(one.value, other.value);
    const event = eventDifference(one.value, other.value);
    if (event !== undefined)
      return `${draw ?? 'no random draw differs before the first event that does'}\n${event}`;
    // Of a journal that somebody has changed.
    draw ??= `first record that differs, in what mycel replay does not write: ${titleOf(one.value)}`;
  }
}

const FIELDS = ['event', 'time_ns', 'kind', 'target', 'priority', 'from', 'type', 'bytes'] as const;

/** What differs in an event beside its draws. */
function eventDifference(a: JournalRecord, b: JournalRecord): string | undefined {
  if (a.event === 'set-up' || b.event === 'set-up') return undefined;
  const field = FIELDS.find((name) => a[name] !== b[name]);
  const lines = field === undefined ? [] : [`  ${field} was ${a[field]}, and is ${b[field]}`];
  for (let k = 0; k < Math.max(a.numbers.length, b.numbers.length); k++) {
    const [one, other] = [a.numbers[k], b.numbers[k]];
    if (isDeepStrictEqual(one, other)) continue;
    lines.push(`  ${(one ?? other)![0]} was ${one?.[1] ?? 'absent'}, and is ${other?.[1] ?? 'absent'}`);
    break;
  }
  return lines.length === 0 ? undefined : [`first event that differs: ${titleOf(a)}`, ...lines].join('\n');
}

function drawDifference(a: JournalRecord, b: JournalRecord): string | undefined {
  if (a.event === 'set-up' || b.event === 'set-up')
    return explainedSetUp(a as JournalSetUp, b as JournalSetUp);
  for (let k = 0; k < Math.max(a.draws.length, b.draws.length); k++) {
    if (isDeepStrictEqual(a.draws[k], b.draws[k])) continue;
    const values = `was ${drawText(a.draws[k])}, and is ${drawText(b.draws[k])}`;
    return `first random draw that differs: ${titleOf(a)}: ${values}`;
  }
  return undefined;
}

function explainedSetUp(a: JournalSetUp, b: JournalSetUp): string {
  const names = [...new Set([...Object.keys(a.draws), ...Object.keys(b.draws)])];
  const name = names.find((one) => !isDeepStrictEqual(a.draws[one], b.draws[one]));
  const text = (draws: JournalSetUp['draws']) =>
    name !== undefined && draws[name] ? `${draws[name][0]} draws, fingerprint ${draws[name][1]}` : 'no draws';
  return `first random draw that differs: before the first event: the stream "${name}" had ${text(a.draws)}, and has ${text(b.draws)}`;
}

function titleOf(record: JournalRecord): string {
  if (record.event === 'set-up') return 'the set-up';
  const { event, time_ns, kind, target, from, type } = record as JournalEvent;
  const message = from === undefined ? '' : ` (${type} from ${from})`;
  return `event ${event} at ${formatDuration(time_ns)} (${time_ns} ns): ${kind} on ${target}${message}`;
}

function drawText(draw: readonly [string, number] | undefined): string {
  return draw === undefined ? 'none' : `${draw[1]} from "${draw[0]}"`;
}

function marksIn(folder: string): Mark[] {
  const file = join(folder, 'blocks.csv');
  if (!existsSync(file)) return [];
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\r\n');
  return lines.map((line) => {
    const [events, time, trace] = line.split(',');
    return { events: Number(events), time: Number(time), trace: trace! };
  });
}

async function* recordsIn(file: string): AsyncGenerator<JournalRecord, void> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    number++;
    const refuse = (got: string) =>
      new UsageError(
        'bad-journal',
        `${file}:${number}: expected a line that mycel replay has written, got: ${got}`,
        file,
      );
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch (error) {
      throw refuse((error as Error).message);
    }
    if (!isJournalRecord(record)) throw refuse(`another JSON: ${shortened(line)}`);
    yield record;
  }
}

/** Whether a value has what is compared. */
function isJournalRecord(value: unknown): value is JournalRecord {
  if (!isMap(value)) return false;
  if (value.event === 'set-up') return isMap(value.draws) && Object.values(value.draws).every(isPair);
  const { event, time_ns, draws, numbers } = value;
  const isList = (list: unknown) => Array.isArray(list) && list.every(isPair);
  return typeof event === 'number' && typeof time_ns === 'number' && isList(draws) && isList(numbers);
}

const isPair = (value: unknown) => Array.isArray(value) && value.length === 2;

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
