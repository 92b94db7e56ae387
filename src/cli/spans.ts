/** The log of spans as two columnar files. */
import { UsageError } from '../errors.js';
import type { ResultDirectory } from '../report/index.js';
import { MESSAGE_SPAN_COLUMNS, NODE_SPAN_COLUMNS } from '../report/span-columns.js';
import { extentOf } from '../simulation/memory.js';
import type { SpanSink } from '../simulation/spans.js';
import type { World } from '../simulation/world.js';
import { formatBytes, type Round } from '../units.js';

/** `3` → 3: every third round is logged. Throws UsageError. */
export function parseSpans(text: string): Round {
  const every = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(every) && every > 0) return every;
  throw new UsageError(
    'bad-spans',
    `expected a whole number k of at least 1, for every k-th round, got "${text}"`,
  );
}

/** Writes the spans of every `every`-th round. */
export function spanFiles(directory: ResultDirectory, every: Round): SpanSink {
  const nodes = directory.parquet('node-spans.parquet', NODE_SPAN_COLUMNS);
  const messages = directory.parquet('message-spans.parquet', MESSAGE_SPAN_COLUMNS);
  return {
    every,
    node: ({ node, kind, start, end, round }) => nodes.write([node, kind, start, end, round]),
    message: ({ sequence, attempt, from, to, type, round, queued, txStart, txEnd, arrived, ...rest }) => {
      const { values, index, header, framing, outcome } = rest;
      const times = [queued, txStart, txEnd, arrived];
      messages.write([
        ...[sequence, attempt, from, to, type, round, ...times],
        ...[values, index, header, framing, outcome],
      ]);
    },
  };
}

/** Bytes of a row: a rough upper estimate, by scenarios/quickstart.yaml and scenarios/bench/soak.yaml. */
const ROW = { node: 14, message: 34 };

/** How large the files of spans will be, in a sentence. */
export function expectedSpans({ plan, constants }: World, every: Round): string {
  const rounds = plan.stop.after;
  if (rounds === undefined) return 'the size of the spans is not known, since the scenario says no rounds';
  const messages = extentOf(plan, constants).cells / every;
  // It computes and waits at least once in each round.
  const spans = (2 * constants.roles.length * rounds) / every;
  const count = Math.round(messages).toLocaleString('en');
  const bytes = formatBytes(Math.round(ROW.message * messages + ROW.node * spans));
  return `spans of about ${count} messages, ${bytes}${every > 1 ? ` (every ${every} rounds)` : ''}; further attempts at them come on top`;
}
