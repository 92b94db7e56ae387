import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as rules from './tidy/rules.js';
import { importsOf, projectRoot, readPages, readTree, type SourceFile, withoutText } from './tidy/source.js';

const root = projectRoot();
const files = [
  ...readTree(root, 'src', '.ts'),
  ...readTree(root, 'test', '.ts'),
  ...readTree(root, 'scripts', '.mjs'),
];
const pages = readPages(root);

/** A rule with sources that it must refuse, and one that it must let pass. */
interface RuleCase {
  readonly title: string;
  readonly rule: rules.Rule;
  readonly refused: readonly (readonly SourceFile[])[];
  readonly passed: readonly SourceFile[];
}

const file = (path: string, text: string): SourceFile => ({ path, text });
const one = (path: string, ...texts: string[]) => texts.map((text) => [file(path, text)]);

const cases: readonly RuleCase[] = [
  {
    title: 'imports run to lower floors or stay in their folder',
    rule: rules.floors,
    refused: [
      ...one('src/kernel/a.ts', "import { b } from '../wire/b.js';", "export * from '../topology/b.js';"),
      ...one('src/data/a.ts', "import type { B } from '../network/b.js';"),
      ...one(
        'src/data/splits/a.ts',
        "import { b } from '../../simulation/plan.js';",
        "await import('../../cli/b.js');",
      ),
      ...one('src/errors.ts', "import { b } from './kernel/plan.js';"),
      ...one('src/unheard-of/a.ts', ''),
    ],
    passed: [
      file('src/data/splits/a.ts', "import { b } from '../b.js';\nimport { c } from '../../wire/c.js';"),
      file('src/simulation/a.ts', "import { b } from './plan.js';\nimport { z } from 'zod';"),
      file('src/kernel/a.test.ts', "import { b } from '../cli/b.js';"),
    ],
  },
  {
    title: 'imports go in no circle',
    rule: rules.cycles,
    refused: [
      [
        file('src/a/a.ts', "import { b } from './b.js';"),
        file('src/a/b.ts', "export { c } from '../c.js';"),
        file('src/c.ts', "import { a } from './a/a.js';"),
      ],
    ],
    passed: [
      file('src/a.ts', "import { b } from './b.js';\nimport { c } from './c.js';"),
      file('src/b.ts', "import { c } from './c.js';\nimport type { a } from './a.js';"),
      file('src/c.ts', ''),
    ],
  },
  {
    title: 'TensorFlow.js is imported in compute, models, learning and algorithms only',
    rule: rules.tensorflow,
    refused: one('src/metrics/a.ts', "import * as tf from '@tensorflow/tfjs-core';"),
    passed: [file('src/compute/a.ts', "import * as tf from '@tensorflow/tfjs-core';")],
  },
  {
    title: 'graphology is imported in topology and report only',
    rule: rules.graphology,
    refused: one(
      'src/network/a.ts',
      "import Graph from 'graphology';",
      "import 'graphology-generators/x.js';",
    ),
    passed: [file('src/topology/a.ts', "import Graph from 'graphology';")],
  },
  {
    title: 'worker threads are imported in compute only',
    rule: rules.workerThreads,
    refused: one('src/learning/a.ts', "import { Worker } from 'node:worker_threads';"),
    passed: [file('src/compute/a.ts', "import { Worker } from 'node:worker_threads';")],
  },
  {
    title: 'files are read and written by loaders, reports, backends and the command line only',
    rule: rules.fileSystem,
    refused: one('src/kernel/a.ts', "import { readFileSync } from 'node:fs';", "await import('fs/promises')"),
    passed: [file('src/data/a.ts', "import { readFileSync } from 'node:fs';")],
  },
  {
    title: 'modules with clocks are imported by the command line only',
    rule: rules.clockModules,
    refused: one(
      'src/kernel/a.ts',
      "import { performance } from 'node:perf_hooks';",
      "import 'timers/promises';",
    ),
    passed: [file('src/cli/a.ts', "import { performance } from 'node:perf_hooks';")],
  },
  {
    title: 'nothing below the command line uses chance, a clock, a timer or the environment',
    rule: rules.impureGlobals,
    refused: one(
      'src/kernel/a.ts',
      'Math.random()',
      'new Date()',
      'performance.now()',
      'setTimeout(f)',
      'setImmediate(f)',
      'process.env.HOME',
      'randomUUID()',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text, with code in a template string.
      '`${Date.now()}`',
    ),
    passed: [
      file(
        'src/kernel/a.ts',
        "// Math.random\nconst a = 'Date'; /* setTimeout( */ a.performance; isDate(/Date/);",
      ),
      file('src/cli/a.ts', 'Date.now()'),
      file('src/kernel/a.test.ts', 'process.env'),
    ],
  },
  {
    title: 'nothing below the command line prints',
    rule: rules.consoles,
    refused: one('src/report/a.ts', 'console.log(1)', 'process.stderr.write(a)'),
    passed: [file('src/cli/a.ts', 'console.log(1)'), file('src/report/a.ts', 'this.console.add(1)')],
  },
  {
    title: 'every sort has a comparator',
    rule: rules.bareSorts,
    refused: one('src/a.ts', 'list.sort()', 'list.toSorted( )'),
    passed: [file('src/a.ts', 'list.sort((a, b) => a - b); list.toSorted(byCodeUnit);')],
  },
  {
    title: 'no interface has an I prefix',
    rule: rules.prefixedInterfaces,
    refused: one('src/a.ts', 'export interface IThing {}'),
    passed: [file('src/a.ts', 'interface Idx {}\ninterface Item {}')],
  },
  {
    title: 'no test silences others, and a skip gives its reason',
    rule: rules.silencedTests,
    refused: one('src/a.test.ts', "test.only('a', f)", "test.skip('a', f)", 't.skip()', '{ skip: true }'),
    passed: [file('src/a.test.ts', "t.skip('tfjs-node is not installed'); test('a', { skip: reason }, f);")],
  },
  {
    title: 'no file holds unfinished work',
    rule: rules.unfinished,
    refused: one(
      'src/a.ts',
      ...['TO-DO', 'FIX-ME', 'XX-X'].map((word) => `// ${word.replace('-', '')} later`),
    ),
    passed: [file('src/a.ts', '// todos are elsewhere')],
  },
  {
    title: 'what is exported is used by another file',
    rule: rules.unusedExports,
    refused: [
      ...one('src/a.ts', 'export const a = 1;\na;', 'export interface A {}', 'export async function f() {}'),
      [file('src/a.ts', 'export const a = 1;'), file('src/b.ts', "import { b } from './a.js';")],
      [file('src/a.ts', 'export class A {}'), file('src/b.ts', "export { A } from './a.js';")],
      [file('src/a.ts', 'export type A = 1;'), file('src/b.ts', "// import { A } from './a.js';")],
      one('test/a.ts', "export * as all from './b.js';")[0]!,
    ],
    passed: [
      file('src/index.ts', "export { A, type B as C } from './a.js';\nexport * as d from './d.js';"),
      file('src/a.ts', 'export class A {}\nexport interface B {}\nexport const e = 1, f = 2;'),
      file('src/a.test.ts', "import { e } from './a.js';"),
      file('src/d.ts', "export type D = string;\nexport const task = {\n  export: 'task',\n};"),
      file('src/e.ts', "const lazy = await import('./g.js');"),
      file('src/g.ts', 'export const g = 1;'),
      file('src/h.ts', 'export const h = 1;'),
      file('scripts/i.mjs', "import { h } from '../dist/src/h.js';"),
    ],
  },
];

for (const { title, rule, refused, passed } of cases) {
  describe(title, () => {
    test('the rule finds planted violations', () => {
      for (const sources of refused) assert.notDeepEqual(rule(sources), [], JSON.stringify(sources));
    });
    test('the rule accepts correct code', () => {
      assert.deepEqual(rule(passed), []);
    });
    test('the project keeps the rule', () => {
      assert.deepEqual(rule(files), []);
    });
  });
}

test('the project has sources to look at', () => {
  assert.ok(files.some(({ path }) => path === 'src/errors.ts'));
  assert.ok(files.some(({ path }) => path === 'src/kernel/kernel.ts'));
  assert.ok(files.some(({ path }) => path === 'test/tidy.test.ts'));
});

test('every scenario that a page names exists', () => {
  assert.deepEqual(
    rules.namedScenarios(pages, (path) => existsSync(join(root, path))),
    [],
  );
  const page = file('README.md', '```\nmycel run scenarios/a.yaml scenarios/sub/b.yaml\n```');
  assert.deepEqual(
    rules.namedScenarios([page], (path) => path === 'scenarios/a.yaml'),
    ['README.md: names scenarios/sub/b.yaml, which does not exist'],
  );
});

test('imports are found in all their forms', () => {
  const text = [
    "import a, { b } from './1.js';",
    "import type { C } from './2.js';",
    'import {\n  type D,\n  e,\n} from "./3.js";',
    "export * from './4.js';",
    "export type { F } from './5.js';",
    "import './6.js';",
    "const g = await import('./7.js');",
    "// import h from './8.js';",
    "const i = 'import j from ';",
  ].join('\n');
  assert.deepEqual(
    importsOf(file('src/a.ts', text)).map(({ specifier, isType }) => `${specifier} ${isType}`),
    [1, 2, 3, 4, 5, 6, 7].map((n) => `./${n}.js ${n === 2 || n === 5}`),
  );
});

test('comments, strings and regular expressions are put aside, the code around them stays', () => {
  const blanked = (text: string) => withoutText(text, { strings: true }).replace(/ +/g, ' ');
  assert.equal(blanked('a(/[`"]/); b'), 'a(/ /); b');
  assert.equal(blanked('a = b / c; "/" + d / e // f'), 'a = b / c; " " + d / e ');
  assert.equal(blanked("'it\\'s' + a /* b\n c */ + d"), "' ' + a \n + d");
  const template = ['`x$', '{c({ d: "`" })}y\\`z`; e'].join('');
  assert.equal(blanked(template), ['` $', '{c({ d: " " })} `; e'].join(''));
});
