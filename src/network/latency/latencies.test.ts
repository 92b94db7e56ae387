/** Laws of all models of latency. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, latencyFrom, table } from '../../../test/support/latency.js';
import { latencies } from './index.js';

const directory = folderWith({
  'net.gml':
    'graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency "9 ms" packet_loss 0.1 ] ]',
  'rtt.csv': 'from,to,rtt_ms,jitter_ms,loss\na,a,1,0.2,0\na,b,30,2,0.1\nb,b,2,0,0\n',
});

/** Options of each entry that needs some. */
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  constant: { value: '7ms' },
  uniform: { from: '5ms', to: '6ms' },
  'log-normal': { median: '5ms', sigma: 0.5 },
  regions: { preset: 'simblock-2019', spread: '20%' },
  geographic: { access: '2ms', spread: '5%' },
  'topology-file': { file: 'net.gml', samePlace: '1ms', deal: 'random' },
  matrix: { file: 'rtt.csv', deal: 'random' },
};
const NODES = 6;

for (const { id } of latencies) {
  const options = { use: id, ...EXAMPLES[id] };

  test(`${id} draws whole nanoseconds of at least 0`, async () => {
    const model = await latencyFrom(options, { nodes: NODES, directory });
    for (const latency of table(model, NODES).flat()) {
      const ns = Math.round(latency * 1e6);
      assert.ok(Number.isSafeInteger(ns) && ns >= 0 && ns / 1e6 === latency, String(latency));
    }
  });

  test(`${id} is the same when it gets ready again, and depends on nothing but seed, link and draws`, async () => {
    const outcome = async (seed: number) => {
      const model = await latencyFrom(options, { nodes: NODES, directory, seed });
      const first = table(model, NODES);
      assert.deepEqual(table(model, NODES), first);
      const nodes = [...first.keys()];
      const losses = nodes.map((from) => nodes.map((to) => model.loss?.({ from, to, now: 0 })));
      return [first, losses, nodes.map((node) => model.bandwidths?.(node))];
    };
    assert.deepEqual(await outcome(3), await outcome(3));
  });
}
