/** `bandwidth-trace`: bandwidths of nodes over time, from a file. */
import { z } from 'zod';
import { readCsvFile } from '../../files/csv.js';
import type { FaultEntry } from './fault.js';
import { ending, readLines } from './trace-lines.js';
import { followedBy, followTracks, requirePeriod, Tracks, withoutRepeats } from './tracks.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'CSV file, relative to the scenario: columns node, time_s, uplink_bps, downlink_bps; a line holds until the next one of its node',
    ),
  ...ending,
});

const LINKS = ['uplink', 'downlink'] as const;

/** Nodes that the file does not name keep their bandwidths. */
export const bandwidthTrace: FaultEntry<z.output<typeof options>, Tracks> = {
  id: 'bandwidth-trace',
  description: 'uplinks and downlinks have the bandwidths that a file says',
  options,
  check: ({ after, period }) => requirePeriod(after, period),
  async prepare({ file, period }, { nodes, directory, earlier }) {
    const columns = LINKS.map((link) => `${link}_bps`);
    const lines = await readCsvFile(
      { directory, name: file, path: 'file' },
      { required: ['node', 'time_s', ...columns], optional: [] },
    );
    const byNode = readLines(lines, {
      number: (line) => line.node('node', nodes),
      name: (node) => `node ${node}`,
      columns,
      period,
    });
    const tracks = [...byNode].flatMap(([node, { first, steps }]) =>
      LINKS.map((link, k) => {
        const other = followedBy(node, link, earlier);
        if (other !== undefined)
          first.refuse(
            `expected nodes whose links follow no other trace, got node ${node}, whose ${link} follows ${other}`,
          );
        return { targets: [node], link, steps: withoutRepeats(steps[k]!), period, source: first.place };
      }),
    );
    return new Tracks(tracks);
  },
  ...followTracks('bandwidth'),
};
