// Files that latencies read: tables of round trips and of cities, GML of Shadow, JSON of TopoHub, with damages, or with lines, words and
// numbers dropped, doubled and replaced. A model is made of them whose latencies and losses are in range, or they are refused at an option of
// the latency with the name of the file.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../dist/src/errors.js';
import { latencyList, prepareLatency } from '../../dist/src/network/latency/index.js';
import { choice } from '../../dist/src/options/index.js';
import { Streams } from '../../dist/src/random.js';
import { damaged } from './support/damage.mjs';
import { expect } from './support/inputs.mjs';

const NODES = 5;

/** What each file is for, and a sound one. */
const FILES = [
  {
    options: { use: 'matrix', file: 'input.csv' },
    text: 'from,to,rtt_ms,jitter_ms,loss\na,a,1,,\na,b,30,2,0.1\nb,b,2,0,0\nb,a,31,,\n',
  },
  {
    options: { use: 'geographic', file: 'input.csv' },
    text: 'name,latitude,longitude\nrome,41.9,12.5\nlima,-12,-77\n"a, b",0,180\n',
  },
  {
    options: { use: 'topology-file', file: 'input.csv', samePlace: '1ms' },
    text: 'graph [\n  directed 0\n  node [ id 0 label "a" host_bandwidth_up "10 Mbit" host_bandwidth_down "1 Gbit" ]\n  node [ id 1 ]\n  # way\n  edge [ source 0 target 1 latency "10 ms" packet_loss 0.1 ]\n  edge [ source 1 target 1 latency 0.5 ]\n]\n',
  },
  {
    options: { use: 'topology-file', file: 'input.csv', samePlace: '1ms' },
    text: '{ "directed": false, "nodes": [\n{ "id": "a", "pos": [0, 10], "type": "City" },\n{ "id": 1, "pos": [90, 0] }],\n"links": [\n{ "source": "a", "target": 1, "dist": 120.5 },\n{ "source": 1, "target": 1 }] }\n',
  },
];
const WORDS = [
  '-1',
  '0',
  '1e400',
  'NaN',
  '""',
  '"',
  '[',
  ']',
  '{',
  '}',
  ',',
  '1e308',
  '9007199254740993',
  '#',
  'a',
  '__proto__',
  '0x1',
  '-0',
  '1e-320',
];

export default {
  name: 'networks',
  runs: 20_000,
  short: 300,
  async open({ folder }) {
    const input = join(folder, 'input.csv');
    return {
      async try(draw, { keep }) {
        const { options, text } = draw.pick(FILES);
        const content = draw.chance(0.4) ? damaged(Buffer.from(text), draw) : changed(text, draw);
        keep('input.csv', content);
        keep('options.json', JSON.stringify(options));
        rmSync(input, { recursive: true, force: true });
        if (draw.chance(0.01)) mkdirSync(input);
        else writeFileSync(input, content);
        return tried(options, folder);
      },
    };
  },
};

async function tried(options, directory) {
  const streams = new Streams(1);
  const random = () => streams.stream('network/latency');
  const facts = { nodes: NODES, learners: NODES, directory, random };
  let model;
  try {
    model = await prepareLatency(choice(latencyList).parse(options), facts);
  } catch (error) {
    expect(error instanceof UsageError, () => `expected a UsageError, got ${error?.stack ?? error}`);
    expect(
      error.path.startsWith('network.latency'),
      `expected an option of the latency as the place, got ${error.path}`,
    );
    const isNamed = error.message.includes('input.csv') && !error.message.includes(directory);
    expect(isNamed, `expected the file as the scenario names it in the message, got: ${error.message}`);
    return 'refused';
  }
  for (let from = 0; from < NODES; from++) {
    model.bandwidths?.(from);
    for (let to = 0; to < NODES; to++) {
      if (from === to) continue;
      const link = { from, to, now: 0 };
      try {
        model.draw(() => streams.stream('link'), link);
      } catch (error) {
        // Far from the mean a latency may be beyond all times.
        expect(error instanceof UsageError, () => `expected a latency, got ${error?.stack ?? error}`);
      }
      model.loss?.(link);
    }
  }
  return 'accepted';
}

/** Lines and words in another order, twice, not at all, or others. */
function changed(text, draw) {
  const parts = text.split(draw.chance(0.3) ? /(?<=\n)/ : /(?<=[\s,])|(?=[\s,])/);
  for (let count = draw.between(1, 4); count > 0; count--) {
    const k = draw.integer(parts.length);
    const action = draw.integer(4);
    if (action === 0) parts.splice(k, 1);
    else if (action === 1) parts.splice(k, 0, parts[draw.integer(parts.length)]);
    else parts[k] = draw.pick(WORDS);
    if (parts.length === 0) return '';
  }
  return parts.join('');
}
