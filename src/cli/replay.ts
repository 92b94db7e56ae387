/** `mycel replay`: computes a result again and writes down what happens in some of its events. */
import { EXIT, UsageError } from '../errors.js';
import { formatJson } from '../report/json.js';
import { OutputFile } from '../report/output-file.js';
import { planOfResult } from './again.js';
import { listenForInterrupts } from './interrupt.js';
import { replay } from './journal.js';

/** Events [from, to). */
interface EventRange {
  readonly from: number;
  readonly to: number;
}

/** Options of `mycel replay` as commander gives them. */
export interface ReplayFlags {
  readonly events: EventRange;
  readonly out?: string;
  readonly workers: number;
}

/** `1000..2000` → events 1000 to 1999. Throws UsageError. */
export function parseEvents(text: string): EventRange {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match && from < to && Number.isSafeInteger(to)) return { from, to };
  throw new UsageError('bad-events', `expected a range of events such as 1000..2000, got "${text}"`);
}

/** Writes one JSON object for each event of the range. Returns the exit code. */
export async function replayCommand(folder: string, { events, out, workers }: ReplayFlags): Promise<number> {
  const plan = await planOfResult(folder);
  const file = out === undefined ? undefined : new OutputFile(out);
  const interruption = listenForInterrupts();
  try {
    for await (const record of replay(plan, { ...events, workers, signal: interruption.signal })) {
      if (file) file.write(`${formatJson(record)}\n`);
      else console.log(formatJson(record));
    }
    file?.close();
    return interruption.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    interruption.stop();
    // What could not be written to its end would look whole.
    file?.remove();
  }
}
