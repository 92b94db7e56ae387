/** The benchmark: its worlds have every method, its results are those of its scenarios, and its sentences hold on them. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { algorithms } from '../src/algorithms/index.js';
import { falseConclusions } from './benchmark/conclusions.js';
import { readWorlds, tablesOf, type WorldSetup } from './benchmark/worlds.js';
import { withTables } from './reproduction/table.js';

const script = async (file: string) => await import(pathToFileURL(join('scripts', 'benchmark', file)).href);
const { WORLDS } = (await script('worlds.mjs')) as { readonly WORLDS: Readonly<Record<string, WorldSetup>> };
const { worldScenario } = (await script('scenario.mjs')) as {
  worldScenario(name: string, world: WorldSetup): string;
};
const { tuningProblem } = (await script('tuned.mjs')) as {
  tuningProblem(files: Readonly<Record<string, string>>, text: string): Promise<string | undefined>;
};

const worlds = readWorlds(WORLDS);

test('every method is in every world', () => {
  const ids = algorithms.map(({ id }) => id);
  for (const [name, { methods }] of Object.entries(WORLDS)) {
    const used = new Set(Object.entries(methods).map(([method, { use }]) => use ?? method));
    assert.deepEqual(
      ids.filter((id) => !used.has(id)),
      [],
      name,
    );
  }
});

test('the files in which methods stand before they are tuned are those that the worlds say', () => {
  for (const [name, world] of Object.entries(WORLDS))
    assert.equal(
      readFileSync(join('scenarios', 'benchmark', 'tuning', `${name}.yaml`), 'utf8'),
      worldScenario(name, world),
      name,
    );
});

for (const { name } of worlds) {
  test(`${name}: the tuned scenario has the best of the trials that are drawn`, async () => {
    const files = {
      untuned: join('scenarios', 'benchmark', 'tuning', `${name}.yaml`),
      tuned: join('scenarios', 'benchmark', `${name}.yaml`),
      tuning: join('results', 'benchmark', name, 'tuning.csv'),
    };
    for (const file of Object.values(files)) assert.ok(existsSync(file), file);
    assert.equal(await tuningProblem(files, worldScenario(name, WORLDS[name]!)), undefined);
  });
}

/** Methods that take gradients on public rows as well, or on rows that they hold out: how many times as many at most. */
const FURTHER: Readonly<Record<string, number>> = {
  mhd: 2,
  transference: 2,
  l2c: 1.25,
  'meta-l2c': 1.25,
  dpfl: 1.25,
};

test('all methods of a world take gradients on as many samples', () => {
  for (const { name, results } of worlds) {
    const { passes } = WORLDS[name]!;
    for (const variant of results.variants) {
      const taken = results.mean(variant, 'passes');
      const [least, most] = [0.9 * passes, (FURTHER[variant] ?? 1.1) * passes];
      assert.ok(
        taken >= least && taken <= most,
        `${name}, ${variant}: ${taken} passes, expected ${least} to ${most}`,
      );
    }
  }
});

test('a method of a user’s is set up by the options that it has, and tuned with the values that its module exports', async () => {
  const { guestMethod } = (await script('guest.mjs')) as {
    guestMethod(path: string): Promise<{
      readonly id: string;
      readonly method: {
        setup(world: unknown): { readonly algorithm: unknown; readonly rounds: number };
        readonly tuned: Readonly<Record<string, unknown>>;
        readonly server: boolean;
      };
    }>;
  };
  const folder = mkdtempSync(join(tmpdir(), 'mycel-guest-'));
  const guest = async (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return await guestMethod(join(folder, name));
  };
  const world = { batch: 20, epochs: 2, passes: 50, rows: 60 };
  const shape = '{ batch: 1, localEpochs: 1, learningRate: 1 }';
  const rounds = await guest(
    'rounds.mjs',
    `export default { id: 'one', options: { shape: ${shape} } };
    export const tuned = { 'algorithm.mu': [1, 2] };`,
  );
  assert.equal(rounds.id, 'one');
  assert.equal(rounds.method.server, false);
  assert.deepEqual(rounds.method.setup(world), {
    algorithm: { batch: 20, localEpochs: 2, learningRate: 0.1 },
    rounds: 25,
  });
  assert.deepEqual(Object.keys(rounds.method.tuned), ['algorithm.learningRate', 'algorithm.mu']);
  const steps = await guest(
    'steps.mjs',
    "export default { id: 'two', roles: { server: {} }, options: { shape: { localSteps: 1 } } };",
  );
  assert.equal(steps.method.server, true);
  assert.deepEqual(steps.method.setup(world), { algorithm: { localSteps: 1 }, rounds: 150 });
  assert.deepEqual(steps.method.tuned, {});
  await assert.rejects(
    guest(
      'range.mjs',
      "export default { id: 'three', options: { shape: {} } }; export const tuned = { 'algorithm.mu': { from: 1, to: 2 } };",
    ),
    /expected a list of values of algorithm\.mu/,
  );
  await assert.rejects(
    guest('none.mjs', 'export default 1;'),
    /expected a default export that is an algorithm/,
  );
});

test('all methods of a world have the same seeds, none of those that they were tuned on', () => {
  for (const { name, results } of worlds) {
    assert.deepEqual(results.seeds, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20], name);
    for (const variant of results.variants) assert.equal(results.runsOf(variant).length, 10);
  }
});

test('the tables of the documents are those of the results, and what is read off them holds', () => {
  const tables = tablesOf(worlds);
  for (const document of [join('docs', 'studies.md'), 'README.md']) {
    const text = readFileSync(document, 'utf8');
    assert.equal(withTables(text, tables), text, document);
  }
  assert.deepEqual(falseConclusions(worlds), []);
});
