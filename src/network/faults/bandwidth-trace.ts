/** `bandwidth-trace`: bandwidths of nodes over time, from a file. */
import { z } from 'zod';
import { type CsvLine, readCsvFile } from '../../files/csv.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { positiveDuration } from '../fields.js';
import { MAX_BANDWIDTH } from '../sharing/arithmetic.js';
import type { FaultEntry } from './fault.js';
import { followTracks, requirePeriod, type Step, type Tracks, withoutRepeats } from './tracks.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'CSV file, relative to the scenario: columns node, time_s, uplink_bps, downlink_bps; a line holds until the next one of its node',
    ),
  after: z
    .enum(['repeat', 'stop'])
    .describe('what follows the end of the trace: it begins again, or the last bandwidths stay'),
  period: positiveDuration('duration')
    .optional()
    .describe('after how long it begins again; only with repeat'),
});

/** Lines of a node, by its links. */
interface StepsOfNode {
  readonly uplink: Step[];
  readonly downlink: Step[];
}

/** Nodes that the file does not name keep their bandwidths. */
export const bandwidthTrace: FaultEntry<z.output<typeof options>, Tracks> = {
  id: 'bandwidth-trace',
  description: 'uplinks and downlinks have the bandwidths that a file says',
  options,
  check: ({ after, period }) => requirePeriod(after, period),
  async prepare({ file, period }, { nodes, directory }) {
    const columns = { required: ['node', 'time_s', 'uplink_bps', 'downlink_bps'], optional: [] };
    const lines = await readCsvFile({ directory, name: file, path: 'file' }, columns);
    const tracks = [...stepsByNode(lines, nodes, period)].flatMap(([node, steps]) =>
      (['uplink', 'downlink'] as const).map((link) => ({
        nodes: [node],
        link,
        steps: withoutRepeats(steps[link]),
        period,
      })),
    );
    return { tracks };
  },
  ...followTracks,
};

/** Throws a UsageError with file and line. */
function stepsByNode(
  lines: readonly CsvLine[],
  nodes: number,
  period: Nanoseconds | undefined,
): ReadonlyMap<number, StepsOfNode> {
  const all = new Map<number, StepsOfNode>();
  for (const line of lines) {
    const node = line.node('node', nodes);
    const time = line.seconds('time_s');
    const own = all.get(node) ?? { uplink: [], downlink: [] };
    const before = own.uplink.at(-1);
    if (before === undefined && time !== 0)
      line.refuse(`expected the first line of node ${node} at time_s 0, got ${line.text('time_s')}`);
    if (before !== undefined && time <= before.time)
      line.refuse(`expected the lines of node ${node} in order of time, got time_s ${line.text('time_s')}`);
    if (period !== undefined && time >= period)
      line.refuse(`expected a time_s below the period, got ${line.text('time_s')}`);
    own.uplink.push({ time, bandwidth: bandwidthIn(line, 'uplink_bps') });
    own.downlink.push({ time, bandwidth: bandwidthIn(line, 'downlink_bps') });
    all.set(node, own);
  }
  return all;
}

function bandwidthIn(line: CsvLine, column: string): BitsPerSecond {
  const text = line.text(column);
  const bandwidth = Number(text);
  if (/^\d+$/.test(text) && bandwidth <= MAX_BANDWIDTH) return bandwidth;
  return line.refuse(`expected whole bits per second from 0 to 9000000000000 as ${column}, got "${text}"`);
}
