/** `mycel verify`: results come out the same when they are run again, and what was changed in them is found. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mycel, mycelElsewhere } from './support/cli.js';
import { PLUGIN } from './support/own-modules.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-verify-test-');

const verify = (...args: string[]) => mycel('verify', ...args, '--workers', '0');

mkdirSync(join(folder, 'mine'));
writeFileSync(
  join(folder, 'mine/line.mjs'),
  `import { z } from ${PLUGIN};
  import { UndirectedGraph } from 'graphology';
  export default {
    id: 'line',
    description: 'a line of a test',
    options: z.strictObject({}),
    build: (_options, { nodes }) => {
      const graph = new UndirectedGraph();
      for (let i = 0; i < nodes; i++) graph.addNode(String(i));
      for (let i = 1; i < nodes; i++) graph.addUndirectedEdgeWithKey(i - 1 + '-' + i, String(i - 1), String(i));
      return graph;
    },
  };`.replace("'graphology'", JSON.stringify(import.meta.resolve('graphology'))),
);
writeFileSync(
  join(folder, 'mine/a.yaml'),
  scenarioText({
    topology: '',
    compare: 'compare: { topology: [ring, { use: ./line.mjs }] }',
  }),
);
const runs = await mycel('run', 'mine/a.yaml', '--trace', '--quiet', '--workers', '0');
const result = (...path: string[]) => join(folder, 'results', 'a', ...path);

test('every result of a run comes out the same, with a module of its own and a trace', async () => {
  assert.equal(runs.code, 0, runs.err);
  const { code, out } = mycelElsewhere('verify', 'results/a/ring/1', 'results/a/line/1', '--quiet');
  assert.equal(out, 'results/a/ring/1: the same to the bit\nresults/a/line/1: the same to the bit\n');
  assert.equal(code, 0);
});

test('what is not the same is said: the file, the line or the key, and both values; the exit code is 1', async () => {
  const metrics = result('ring', '1', 'metrics.csv');
  const summary = result('ring', '1', 'summary.json');
  const [text, before] = [metrics, summary].map((file) => readFileSync(file, 'utf8'));
  const lines = text!.split('\r\n');
  writeFileSync(metrics, [...lines.slice(0, 3), '0,0,3,accuracy,0.123', ...lines.slice(4)].join('\r\n'));
  writeFileSync(summary, before!.replace(/"events": \d+/, '"events": 7'));
  const { code, out } = await verify('results/a/ring/1', '--quiet');
  assert.equal(code, 1);
  assert.match(
    out,
    /^results\/a\/ring\/1: NOT the same\n {2}metrics\.csv: line 4 was "0,0,3,accuracy,0\.123", and is "0,/,
  );
  assert.match(out, /\n {2}summary\.json: events was 7, and is \d+\n$/);
  rmSync(result('ring', '1', 'traffic.csv'));
  assert.match((await verify('results/a/ring/1', '--quiet')).out, /traffic\.csv: only in the new result/);
});

test('a folder without a complete result is a mistake', async () => {
  mkdirSync(result('none'));
  const { code, err } = await verify('results/a/none');
  assert.equal(code, 2);
  assert.match(err, /^expected a folder with a result, got results\/a\/none: /);
  writeFileSync(result('none', 'summary.json'), '{"a": 1}');
  assert.match((await verify('results/a/none')).err, /^expected a summary of a run in /);
});
