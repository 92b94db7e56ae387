/** `mahimahi`: bandwidths over time from traces of packet deliveries, as Mahimahi and its kin have them. */
import { z } from 'zod';
import { quoted, UsageError } from '../../errors.js';
import { type NamedFile, readNamedFile, wrongFile } from '../../files/named-file.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';
import { followedBy, followTracks, type Step, type Track, Tracks, withoutRepeats } from './tracks.js';

const MS = 1e6;
/** Bits that one line of a trace can carry: a packet of 1,500 bytes. */
const PACKET_BITS = 12_000;

const options = z
  .strictObject({
    nodes: nodeSet().optional().describe('nodes whose links follow the traces; default: all learners'),
    uplink: z
      .string()
      .min(1)
      .optional()
      .describe(
        'trace of the uplinks, relative to the scenario: a line has the millisecond at which 1,500 bytes can leave',
      ),
    downlink: z.string().min(1).optional().describe('trace of the downlinks'),
    bin: positiveDuration('duration')
      .prefault('100ms')
      .describe('time over which lines are counted: the bandwidth is constant within it; whole milliseconds'),
    after: z
      .enum(['repeat', 'stop'])
      .describe('what follows the last line: the trace begins again, or its last bandwidth stays'),
  })
  .refine(({ uplink, downlink }) => uplink !== undefined || downlink !== undefined, {
    message: 'expected a trace of the uplink or of the downlink, got neither',
  });

/** All nodes follow the same trace from its beginning. */
export const mahimahi: FaultEntry<z.output<typeof options>, Tracks> = {
  id: 'mahimahi',
  description: 'uplinks and downlinks follow traces of packet deliveries, as of Mahimahi',
  options,
  reference:
    'Netravali et al., Mahimahi: accurate record-and-replay for HTTP, USENIX Annual Technical Conference 2015',
  check({ nodes: given, bin }, { nodes }) {
    refuseUnknownNodes(given ?? [], nodes, 'nodes');
    if (bin % MS !== 0) throw new UsageError('bin', 'expected a bin of whole milliseconds', 'bin');
  },
  async prepare({ nodes: given, bin, after, ...files }, { learners, directory, earlier }) {
    const nodes = given ?? Array.from({ length: learners }, (_, node) => node);
    const tracks: Track[] = [];
    for (const link of ['uplink', 'downlink'] as const) {
      const name = files[link];
      if (name === undefined) continue;
      for (const node of nodes) {
        const other = followedBy(node, link, earlier);
        if (other !== undefined)
          throw new UsageError(
            'followed-twice',
            `expected nodes whose ${link}s follow no other trace, got node ${node}, whose ${link} follows ${other}`,
            given === undefined ? link : 'nodes',
          );
      }
      const times = await readTrace({ directory, name, path: link });
      const period = after === 'repeat' ? times.at(-1)! * MS : undefined;
      tracks.push({ targets: nodes, link, steps: stepsOf(times, bin / MS), period, source: name });
    }
    return new Tracks(tracks);
  },
  ...followTracks('bandwidth'),
};

/** The milliseconds of all lines. Throws a UsageError with file and line. */
async function readTrace(file: NamedFile): Promise<readonly number[]> {
  const times: number[] = [];
  for (const [k, line] of (await readNamedFile(file)).split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const refuse = (message: string) => wrongFile(file, `${file.name}:${k + 1}: ${message}`);
    if (!/^\d{1,9}$/.test(text)) throw refuse(`expected a whole number of milliseconds, got ${quoted(text)}`);
    const time = Number(text);
    if (time < (times.at(-1) ?? 0)) throw refuse(`expected milliseconds in order, got ${time}`);
    times.push(time);
  }
  if ((times.at(-1) ?? 0) > 0) return times;
  throw wrongFile(file, `expected lines up to a millisecond above 0, got none: ${file.name}`);
}

/**
 * Bandwidths by bin. A line of millisecond t counts for the millisecond that ends then, that of 0 for the first one. The last bin
 * ends with the trace. Rounded down to whole bits per second.
 */
function stepsOf(times: readonly number[], bin: number): readonly Step[] {
  const end = times.at(-1)!;
  const packets = new Float64Array(Math.ceil(end / bin));
  for (const time of times) packets[Math.floor(Math.max(0, time - 1) / bin)]!++;
  const steps = Array.from(packets, (count, k): Step => {
    const length = Math.min(bin, end - k * bin);
    return { time: k * bin * MS, bandwidth: Math.floor((count * PACKET_BITS * 1000) / length) };
  });
  return withoutRepeats(steps);
}
