import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../src/errors.js';
import { readScenario } from '../src/scenario/load.js';
import { scenarioText } from './support/scenario-base.js';

const folder = mkdtempSync(join(tmpdir(), 'mycel-plugins-'));
test.after(() => rmSync(folder, { recursive: true }));

const ZOD = JSON.stringify(import.meta.resolve('zod'));
const TOPOLOGY = `
import { z } from ${ZOD};
export default {
  id: 'mine',
  description: 'a topology of a test',
  options: z.strictObject({ hops: z.int().min(1).default(2) }),
  build() {},
};`;

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function load(topology: string) {
  const text = scenarioText({ topology: `topology: ${topology}` });
  return (await readScenario(text, join(folder, 'a.yaml'))).variants[0]!.plan;
}

/** The error message of a scenario with this topology, without the folder. */
async function mistake(topology: string): Promise<string> {
  const error = await load(topology).then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UsageError, String(error));
  return error.message.replaceAll(`${folder}/`, '');
}

test('a module of the user’s can be named in place of an entry, with its own options and defaults', async () => {
  write('mine.js', TOPOLOGY);
  const plan = await load('{ use: ./mine.js, hops: 3 }');
  assert.equal(plan.topology?.entry.id, 'mine');
  assert.deepEqual(plan.topology?.options, { hops: 3 });
  assert.equal(plan.topology?.module, pathToFileURL(join(folder, 'mine.js')).href);
  assert.deepEqual((plan.resolved as { topology: unknown }).topology, {
    use: './mine.js',
    hops: 3,
    allowDisconnected: false,
  });
  assert.deepEqual((await load('./mine.js')).topology?.options, { hops: 2 });
  assert.deepEqual((await load('mine.js')).topology?.options, { hops: 2 });
});

test('the options of a module are checked like those of any entry', async () => {
  write('mine.js', TOPOLOGY);
  assert.equal(
    await mistake('{ use: ./mine.js, hops: 0, degree: 3 }'),
    [
      'a.yaml:5:35 topology.hops: expected a whole number of at least 1, got 0',
      'a.yaml:5:38 topology.degree: unknown option of topology mine "degree". Known: hops',
    ].join('\n'),
  );
});

test('a module that is missing, broken or not an entry is refused, and the error says what it lacks', async () => {
  assert.equal(
    await mistake('{ use: ./none.js }'),
    'a.yaml:5:18 topology.use: expected a module, got "./none.js": there is no file none.js',
  );
  write('throws.js', 'throw new TypeError("not today");');
  assert.equal(
    await mistake('{ use: ./throws.js }'),
    'a.yaml:5:18 topology.use: expected a module that loads, got TypeError from ./throws.js: not today',
  );
  write('syntax.js', 'export default {');
  assert.match(
    await mistake('{ use: ./syntax.js }'),
    /expected a module that loads, got SyntaxError from \.\/syntax\.js/,
  );
  write('named.js', 'export const topology = {};');
  assert.equal(
    await mistake('./named.js'),
    'a.yaml:5:11 topology: expected ./named.js to export a topology by default, got no default export',
  );
  write('half.js', 'export default { id: "half", options: {} };');
  assert.equal(
    await mistake('./half.js'),
    'a.yaml:5:11 topology: expected ./half.js to export a topology by default; it lacks description (text), options (a zod schema: z.strictObject({ … })), build (a function)',
  );
});

test('a module that Node takes for CommonJS, or that is written so, is recognised', async () => {
  mkdirSync(join(folder, 'common'));
  write('common/package.json', '{ "type": "commonjs" }');
  const remedy = 'write "type": "module" into common/package.json, or rename the module to';
  write('common/es.js', TOPOLOGY);
  assert.equal(
    await mistake('./common/es.js'),
    `a.yaml:5:11 topology: expected an ES module, but Node takes ./common/es.js for CommonJS: ${remedy} ./common/es.mjs`,
  );
  write('common/exported.js', 'export default {};');
  assert.match(await mistake('./common/exported.js'), /Node takes \.\/common\/exported\.js for CommonJS/);
  const compiled = 'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = {};';
  write('common/compiled.js', compiled);
  assert.match(await mistake('./common/compiled.js'), /Node takes \.\/common\/compiled\.js for CommonJS/);
  write('common/broken.js', 'const a = ;');
  assert.match(await mistake('./common/broken.js'), /expected a module that loads, got SyntaxError from/);
  write('required.mjs', 'const { z } = require("mycel/plugin"); module.exports = {};');
  assert.equal(
    await mistake('./required.mjs'),
    'a.yaml:5:11 topology: expected an ES module, got CommonJS: ./required.mjs uses `require`; write `import … from` in place of `require`, and `export default` in place of `module.exports`',
  );
});

test('an algorithm needs its handlers too', async () => {
  write(
    'algorithm.js',
    `import { z } from ${ZOD}; export default { id: 'a', description: 'a', options: z.strictObject({}), on: {} };`,
  );
  const text = scenarioText({ algorithm: 'algorithm: ./algorithm.js' });
  await assert.rejects(readScenario(text, join(folder, 'a.yaml')), {
    message:
      /:7:12 algorithm: expected \.\/algorithm\.js to export an algorithm by default; it lacks reference \(text\), messages \(a function\), init \(a function\), on\.start \(a function\), evaluate \(a function\)$/,
  });
});

test('a module in TypeScript loads, or the error says how to compile it', async () => {
  write('typed.ts', `${TOPOLOGY}\nexport const hops: number = 3;`);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const strips = major > 22 || (major === 22 && minor >= 18);
  if (strips) assert.equal((await load('./typed.ts')).topology?.entry.id, 'mine');
  else {
    assert.equal(
      await mistake('./typed.ts'),
      'a.yaml:5:11 topology: expected a module that this version of Node can load, got TypeScript: compile it (npx tsc --module nodenext --target es2022 ./typed.ts) and write use: ./typed.js, or use Node 22.18 or later, which loads TypeScript without enums and namespaces as it is',
    );
  }
});
