/** `shared-bandwidth-trace`: bandwidths of zones and of the core over time, from a file. */
import { z } from 'zod';
import { quoted } from '../../errors.js';
import { readCsvFile } from '../../files/csv.js';
import type { FaultEntry } from './fault.js';
import { ending, readLines } from './trace-lines.js';
import { followedBy, followTracks, requirePeriod, Tracks, withoutRepeats } from './tracks.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'CSV file, relative to the scenario: columns link (such as rack-a/uplink, rack-a/downlink or core), time_s, bps; a line holds until the next one of its link',
    ),
  ...ending,
});

/** Links that the file does not name keep their bandwidths. */
export const sharedBandwidthTrace: FaultEntry<z.output<typeof options>, Tracks> = {
  id: 'shared-bandwidth-trace',
  description: 'the links of zones and the core have the bandwidths that a file says',
  options,
  check: ({ after, period }) => requirePeriod(after, period),
  async prepare({ file, period }, { sharedLinks, directory, earlier }) {
    const limited = sharedLinks.filter(({ bandwidth }) => bandwidth !== Number.POSITIVE_INFINITY);
    const names =
      limited.map(({ name }) => name).join(', ') || 'none, since network has no zones and no core';
    const lines = await readCsvFile(
      { directory, name: file, path: 'file' },
      { required: ['link', 'time_s', 'bps'], optional: [] },
    );
    const byLink = readLines(lines, {
      number(line) {
        const text = line.text('link');
        const link = sharedLinks.findIndex(({ name }) => name === text);
        if (limited.includes(sharedLinks[link]!)) return link;
        return line.refuse(
          `expected a link with a bandwidth that nodes share (${names}), got ${quoted(text)}`,
        );
      },
      name: (link) => sharedLinks[link]!.name,
      columns: ['bps'],
      period,
    });
    const tracks = [...byLink].map(([link, { first, steps }]) => {
      const other = followedBy(link, 'shared', earlier);
      if (other !== undefined)
        first.refuse(
          `expected links that follow no other trace, got ${sharedLinks[link]!.name}, which follows ${other}`,
        );
      const own = withoutRepeats(steps[0]!);
      return { targets: [link], link: 'shared' as const, steps: own, period, source: first.place };
    });
    return new Tracks(tracks);
  },
  ...followTracks('shared-bandwidth'),
};
