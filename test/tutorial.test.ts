/** The tutorial: its runs give the committed table, and the numbers of its answer stand in the table of its analysis. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCsv } from '../src/report/read-table.js';
import { mycel } from './support/cli.js';
import { workIn } from './support/work-in.js';
import { projectRoot } from './tidy/source.js';

const root = projectRoot();
const scenario = join(root, 'scenarios', 'tutorial', 'sparse.yaml');
const committed = [...readCsv(join(root, 'results', 'tutorial', 'sparse', 'runs.csv'))];
const tutorial = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8');

workIn('mycel-tutorial-');

test('the committed table has every run of the sweep', () => {
  const runs = committed.map((run) => `${run['topology.use']} ${run['network.uplink']} ${run.seed}`);
  const topologies = ['complete', 'exponential', 'ring'];
  assert.deepEqual(
    runs.sort(),
    topologies
      .flatMap((topology) => ['100Mbps', '1Mbps'].map((uplink) => `${topology} ${uplink}`))
      .flatMap((variant) => [1, 2, 3, 4, 5].map((seed) => `${variant} ${seed}`))
      .sort(),
  );
});

for (const [topology, uplink, seed] of [
  ['ring', '1Mbps', '1'],
  ['complete', '100Mbps', '4'],
] as const) {
  test(`a run of the tutorial gives its row of the table: ${topology}, ${uplink}, seed ${seed}`, async () => {
    const point = ['--set', `topology=${topology}`, '--set', `network.uplink=${uplink}`, '--seed', seed];
    const { code, err } = await mycel('run', scenario, ...point, '--quiet', '--out', topology);
    assert.equal(code, 0, err);
    const [mine] = [...readCsv(join(topology, 'tutorial', 'sparse', 'runs.csv'))];
    const row = committed.find(
      (run) => run['topology.use'] === topology && run['network.uplink'] === uplink && run.seed === seed,
    );
    for (const name of ['trace', 'params', 'time_to_target_ns', 'bytes_to_target', 'accuracy-mean']) {
      assert.equal(mine![name], row![name], name);
    }
  });
}

test('the numbers of the answer and of its limits stand in the table', () => {
  const table = /<!-- output scenarios\/tutorial\/analyse[^\n]*\n```text\n([\s\S]*?)```/.exec(tutorial)![1]!;
  const prose = tutorial.slice(tutorial.indexOf('## The answer'), tutorial.indexOf('- *One target.*'));
  const numbers = [...prose.matchAll(/-?\d+\.\d+/g)].map(([number]) => number);
  assert.ok(numbers.length >= 10);
  for (const number of numbers) assert.match(table, new RegExp(`(^|\\s)${number}\\b`, 'm'), number);
  assert.equal(prose.match(/in 5 of 5 seeds/g)?.length, 2);
  assert.equal(table.match(/\(5 of 5\)/g)?.length, 3);
});
