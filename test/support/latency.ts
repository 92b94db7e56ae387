/** Helpers of the tests of latencies: models from options as in a scenario, ready for a run. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LatencyModel, latencyList, prepareLatency } from '../../src/network/latency/index.js';
import { choice } from '../../src/options/index.js';
import { Streams } from '../../src/random.js';

/** How a model gets ready. */
interface Preparation {
  readonly nodes: number;
  readonly seed?: number;
  readonly directory?: string;
}

/** A model of latency, ready for a run. */
export async function latencyFrom(options: unknown, preparation: Preparation): Promise<LatencyModel> {
  const { nodes, seed = 1, directory = '.' } = preparation;
  const streams = new Streams(seed);
  const random = () => streams.stream('network/latency');
  return prepareLatency(choice(latencyList).parse(options), { nodes, learners: nodes, directory, random });
}

/** Latencies of all links, in milliseconds: row i has those from node i. The stream is one for all of them. */
export function table(model: LatencyModel, nodes: number): number[][] {
  const stream = new Streams(1).stream('links');
  const all = Array.from({ length: nodes }, (_, node) => node);
  return all.map((from) =>
    all.map((to) => (from === to ? 0 : model.draw(() => stream, { from, to, now: 0 }) / 1e6)),
  );
}

/** A new folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mycel-latency-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
