/** What `mycel init` and `mycel new` write runs: the tests and the scenario of every start, in both languages. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mycel } from './support/cli.js';
import { compileHere, installHere, MODULES, mycelHere, testHere } from './support/starts.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-starts-');

for (const language of ['javascript', 'typescript']) {
  test(`a project in ${language} with a start of every kind passes its tests, and its scenarios run`, async () => {
    const isTyped = language === 'typescript';
    mkdirSync(join(folder, language));
    process.chdir(join(folder, language));
    const said = await mycel('init', ...(isTyped ? ['--typescript'] : []));
    assert.equal(said.code, 0, said.err);
    for (const kind of [...MODULES, 'scenario']) {
      // In a project with tsconfig.json, starts are in TypeScript.
      const added = await mycel('new', kind, `own-${kind}`);
      assert.equal(added.code, 0, added.err);
    }
    installHere();
    if (isTyped) compileHere('-p', '.');
    const compiled = isTyped ? 'dist' : 'src';
    const tests = readdirSync(compiled).filter((name) => name.endsWith('.test.js'));
    assert.equal(tests.length, 1 + MODULES.length);
    const { passed, others } = testHere(...tests.map((name) => join(compiled, name)));
    assert.equal(others, 0);
    assert.ok(passed > tests.length);
    const scenarios = readdirSync('scenarios').map((name) => join('scenarios', name));
    assert.equal(scenarios.length, tests.length + 1);
    mycelHere('run', ...scenarios, '--quiet', '--set', 'stop.after=4 rounds');
    for (const kind of MODULES) {
      const [run] = readFileSync(join('results', `own-${kind}`, 'runs.csv'), 'utf8')
        .split('\n')
        .slice(1);
      assert.match(run!, /,rounds,4,/);
    }
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
    assert.deepEqual(Object.keys(scripts), isTyped ? ['build', 'test', 'start'] : ['test', 'start']);
  });
}
