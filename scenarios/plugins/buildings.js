/**
 * buildings: nodes are in buildings. Within one a message takes a moment, between two it takes longer at daytime, and an
 * old cable between the two first buildings loses some of it.
 *
 * `prepare` runs once for each run, may be async, and what it returns stands in place of the options in the other functions.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { option, UsageError, z } from 'mycel/plugin';

/** A day of this network, so that the example is short: the first half is daytime. */
const DAY = 10e9;

export default {
  id: 'buildings',
  description: 'a moment within a building, longer between buildings at daytime',
  options: z.strictObject({
    file: z.string().describe('text file, relative to the scenario: a line for each node with its building'),
    within: option.duration().prefault('200us').describe('latency within a building'),
    between: option
      .duration()
      .prefault('5ms')
      .describe('latency between buildings at night; at daytime twice as long'),
    loss: option.share().prefault('0%').describe('share of the messages that the old cable loses'),
  }),
  async prepare(options, { nodes, directory }) {
    const text = await readFile(resolve(directory, options.file), 'utf8').catch((error) => {
      throw new UsageError(
        'missing-file',
        `expected a text file, got ${error.code}: ${options.file}`,
        'file',
      );
    });
    const buildings = text.split('\n').filter((line) => line !== '');
    if (buildings.length < nodes) {
      const got = `${options.file}:${buildings.length + 1}: expected ${nodes} lines, got ${buildings.length}`;
      throw new UsageError('bad-file', got, 'file');
    }
    return { ...options, buildings, old: [...new Set(buildings)].slice(0, 2).sort().join() };
  },
  draw({ buildings, within, between }, _random, { from, to, now }) {
    if (buildings[from] === buildings[to]) return within;
    return now % DAY < DAY / 2 ? 2 * between : between;
  },
  loss({ buildings, old, loss }) {
    if (loss === 0) return undefined; // no link loses anything, so algorithms need no deadline
    return ({ from, to }) => ([buildings[from], buildings[to]].sort().join() === old ? loss : 0);
  },
};
