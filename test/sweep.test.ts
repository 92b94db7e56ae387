/** Sweeps: a run is computed once, whoever asks for it and however often a sweep is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { runKey } from '../src/cli/run-key.js';
import { RunStore } from '../src/cli/sweep/store.js';
import { loadScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import { bin, mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-sweep-');
writeFileSync(
  'small.yaml',
  scenarioText({
    compare: 'compare: { network.drop: [0%, 5%] }',
    algorithm: 'algorithm: { use: d-psgd, deadline: 1s }',
  }),
);

const sweep = (...args: string[]) => mycel('sweep', ...args, '--jobs', '2', '--workers', '0');
const finished = () => readdirSync('runs').filter((name) => /^[0-9a-f]{32}$/.test(name));

test('a sweep carries out every run once, puts results where people look for them, and goes on where it was killed', async () => {
  // In a group of its own, so that all of its processes are killed.
  const args = ['sweep', 'small.yaml', '--seed', '1..2', '--jobs', '1', '--workers', '0'];
  const child = spawn(process.execPath, [bin, ...args], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!existsSync('runs') || finished().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(-child.pid!, 'SIGKILL');
  await ended;
  const before = finished();
  const made = before.map((key) => statSync(`runs/${key}/summary.json`).mtimeMs);
  const { code, err } = await sweep('small.yaml', '--seed', '1..2');
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`4 runs, ${before.length} of them finished before, 2 at a time`));
  assert.equal(finished().length, 4);
  assert.deepEqual(
    before.map((key) => statSync(`runs/${key}/summary.json`).mtimeMs),
    made,
  );
  const again = await sweep('small.yaml', '--seed', '1..2');
  assert.match(again.err, /4 runs, 4 of them finished before/);
  assert.equal((await mycel('run', 'small.yaml', '--seed', '1..2', '--quiet', '--out', 'plain')).code, 0);
  for (const folder of ['0pct/1', '5pct/2'])
    for (const name of ['metrics.csv', 'traffic.csv', 'topology.csv'])
      assert.equal(
        readFileSync(`results/small/${folder}/${name}`, 'utf8'),
        readFileSync(`plain/small/${folder}/${name}`, 'utf8'),
      );
  assert.equal(readFileSync('results/small/runs.csv', 'utf8').trim().split('\r\n').length, 5);
});

test('--until adds seeds until the widest interval of the paired differences is narrow enough, or seeds end', async () => {
  const section = 'sweep: { values: { algorithm.localSteps: [1, 4] } }';
  writeFileSync('grid.yaml', scenarioText({ section }));
  const finals = (metric: string) =>
    [1, 4].map((steps) =>
      readdirSync(`results/grid/local-steps-${steps}`).map((seed) => {
        const text = readFileSync(`results/grid/local-steps-${steps}/${seed}/summary.json`, 'utf8');
        return (JSON.parse(text) as { final: Record<string, number> }).final[metric]!;
      }),
    );
  // Five seeds at least, however narrow the interval.
  const wide = await sweep('grid.yaml', '--until', '90%');
  assert.equal(wide.code, 0, wide.err);
  assert.deepEqual(
    finals('accuracy-mean').map((values) => values.length),
    [5, 5],
  );
  const least = await sweep('grid.yaml', '--until', '0.0001%', '--max-seeds', '7');
  assert.equal(least.code, 0, least.err);
  assert.match(least.err, /grid\.yaml: --max-seeds 7 is reached before --until/);
  const [one, four] = finals('accuracy-mean');
  assert.equal(one!.length, 7);
  const differences = four!.map((value, i) => value - one![i]!);
  const mean = differences.reduce((sum, value) => sum + value, 0) / 7;
  const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6);
  const margin = ((2.447 * deviation) / Math.sqrt(7)).toPrecision(3);
  assert.match(least.err, new RegExp(`7 seeds, the widest interval of accuracy-mean is ± ${margin} `));
  const unknown = await sweep('grid.yaml', '--until', '1%', '--metric', 'speed');
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.err,
    /--metric: expected a metric of these runs, such as .*accuracy-mean.*, got "speed"/,
  );
  assert.match(
    (await sweep('grid.yaml', '--until', '0%')).err,
    /expected a margin above 0 such as 0\.5% or 0\.02/,
  );
});

const KEY = { workers: 0 };
const PLUGIN = JSON.stringify(new URL('../src/plugin.js', import.meta.url).href);

test('a run that fails is recorded with its command, the others go on, and --retry tries it again', async () => {
  writeFileSync(
    'probe.mjs',
    `import { z } from ${PLUGIN};
export default { id: 'own', description: 'one', options: z.strictObject({}), measure(view) {
  if (view.round > 1) throw new Error('it is broken');
  return [{ metric: 'own', value: 1 }];
} };`,
  );
  const compare = `compare:
  scenario:
    - { name: fine, measure: { probes: [accuracy] } }
    - { name: bad, measure: { probes: [{ use: ./probe.mjs }] } }`;
  writeFileSync('failing.yaml', scenarioText({ compare }));
  const { code, err } = await sweep('failing.yaml');
  assert.equal(code, 2);
  assert.match(err, /failing\.yaml bad seed 1 failed: .*\n\s+mycel sweep work [0-9a-f]{32} --store runs/);
  assert.match(err, /1 of 2 runs failed; the others are finished. --retry tries them again/);
  assert.ok(existsSync('results/failing/fine/1/summary.json'));
  assert.match((await sweep('failing.yaml')).err, /1 of 2 runs failed/);
  assert.match((await sweep('failing.yaml', '--retry')).err, /1 of 2 runs failed/);
});

test('a key is that of the scenario without its title, the seed, and the bytes of modules, what these import, and data', async () => {
  writeFileSync('value.mjs', 'export const value = 1;');
  writeFileSync(
    'probe-2.mjs',
    `import { z } from ${PLUGIN};
import { value } from './value.mjs';
export default { id: 'own', description: 'one', options: z.strictObject({}), measure: () => [{ metric: 'own', value }] };`,
  );
  const keyOf = async (change: Record<string, string>, seed = 1) => {
    writeFileSync(
      'key.yaml',
      scenarioText({ measure: 'measure: { probes: [{ use: ./probe-2.mjs }] }', ...change }),
    );
    const [plan] = planScenario(await loadScenario('key.yaml', { seeds: [seed] }));
    return runKey(plan!, KEY);
  };
  const key = await keyOf({});
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.equal(await keyOf({ title: 'title: Another one' }), key);
  assert.notEqual(await keyOf({ nodes: 'nodes: 5' }), key);
  assert.notEqual(await keyOf({}, 2), key);
  writeFileSync('value.mjs', 'export const value = 2;');
  assert.notEqual(await keyOf({}), key);
  writeFileSync('value.mjs', 'export const value = 1;');
  assert.equal(await keyOf({}), key);
});

test('several processes at one run leave one result, and a key that nobody has added is a mistake', async () => {
  const [plan] = planScenario(await loadScenario('small.yaml', { seeds: [7] }));
  const key = await runKey(plan!, KEY);
  new RunStore('shared').add(key, plan!);
  const work = () => {
    const child = spawn(process.execPath, [bin, 'sweep', 'work', key, '--store', 'shared'], {
      stdio: 'inherit',
    });
    return once(child, 'exit');
  };
  assert.deepEqual(await Promise.all([work(), work(), work()]), [
    [0, null],
    [0, null],
    [0, null],
  ]);
  assert.deepEqual(readdirSync('shared').sort(), [key, `${key}.json`]);
  rmSync('shared', { recursive: true });
  const unknown = await mycel('sweep', 'work', 'f'.repeat(32), '--store', 'shared');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /expected the key of a run in shared, got f+: there is no/);
});
