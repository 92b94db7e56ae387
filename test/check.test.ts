/** `mycel check`: a broken plugin for each invariant is caught, and shrunk to at most four nodes. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT } from '../src/errors.js';
import { loadScenario } from '../src/scenario/load.js';
import { checkVariation, InvariantError } from '../src/testing/scenario-check.js';
import { BROKEN, dPsgd, from } from './support/broken-plugins.js';
import { check, checkCaught, writeBroken } from './support/checks.js';
import { mycelElsewhere } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-check-');

for (const [name, { invariant = name }] of Object.entries(BROKEN)) {
  // To shrink it, threads are started again and again: check.long.test.ts.
  if (name === 'workers') continue;
  test(`a plugin that breaks "${invariant}" (${name}) is caught, with a small scenario that replays it`, async () => {
    const out = await checkCaught(name);
    // Once is enough.
    if (name !== 'ends') return;
    const [, path] = /--seed 1 --path "([\d:]+)"/.exec(out)!;
    const again = await check(`${name}.yaml`, '--path', path!);
    assert.equal(again.code, EXIT.differs);
    assert.ok(again.out.startsWith(out.split('\n')[0]!), again.out);
  });
}

test('a plugin that breaks "workers" is caught', async () => {
  const { file } = writeBroken('workers');
  const { variants } = await loadScenario(file, { set: [] });
  const { resolved, algorithm } = variants[0]!.plan;
  const subject = { scenario: resolved as never, algorithm: algorithm.entry, file, directory: process.cwd() };
  const variation = { changes: { nodes: 4 }, savedAt: 0, workers: 2 };
  await assert.rejects(
    checkVariation(subject, variation, { only: 'workers' }),
    (error) => error instanceof InvariantError && error.invariant === 'workers',
  );
});

const good = scenarioText({
  algorithm: 'algorithm: { use: deprl }',
  model: 'model: { use: mlp, hidden: [4] }',
});

test('what holds is said with what was tried', () => {
  writeFileSync('good.yaml', good);
  const { code, out, err } = mycelElsewhere('check', 'good.yaml', '--runs', '3', '--seed', '3');
  assert.equal(code, 0, err);
  assert.match(
    out,
    /^good\.yaml: all 19 invariants hold\nvariations +refused +nodes +events +messages .*\n-.*\n +3 +0 +\d–\d +[\d,]+ +[\d,]+ +\d+ /,
  );
});

test('a scenario of which nothing runs is refused', async () => {
  writeFileSync('good.yaml', good);
  writeFileSync(
    'refused.mjs',
    dPsgd(`import { UsageError } from ${from('errors.js')};
    export default { ...base, id: 'mine', validate() { throw new UsageError('never', 'expected nothing at all', 'algorithm'); } };`),
  );
  const { code, err } = await check('good.yaml', '--runs', '5', '--algorithm', './refused.mjs');
  assert.equal(code, EXIT.usage);
  assert.match(
    err,
    /expected a variation that runs, but all were refused:\n {2}5 × .*expected nothing at all/,
  );
  assert.ok(!existsSync('check-good-ends.yaml'));
});

test('a topology from a file is checked with its own number of nodes, wherever the file is', async () => {
  mkdirSync('of-file', { recursive: true });
  writeFileSync('of-file/graph.txt', '0 1\n1 2\n2 3\n3 4\n4 5\n5 6\n6 7\n7 0\n');
  const topology = 'topology: { use: matcha, base: { use: file, path: graph.txt } }';
  const algorithm = 'algorithm: { use: d-psgd, mixing: edge-weights }';
  writeFileSync('of-file/eight.yaml', scenarioText({ nodes: 'nodes: 8', topology, algorithm }));
  const { code, out, err } = await check('of-file/eight.yaml', '--runs', '8', '--seed', '1');
  assert.equal(code, 0, err);
  assert.match(out, /\n +[1-8] +\d+ +(8|\d–8) /);
});
