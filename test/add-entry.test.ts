/**
 * The table of CONTRIBUTING.md is true: one new file and one line in an index make an entry of every kind. All of them
 * are added to one copy of the sources, as the table says; it is compiled, and scenarios name them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { lists } from '../src/scenario/lists.js';
import { addedEntries } from './support/added-entries.js';
import { floors } from './tidy/rules.js';
import { projectRoot, readTree } from './tidy/source.js';

/** A row of the table. */
interface Row {
  readonly kind: string;
  /** With `<name>` in it. */
  readonly file: string;
  /** The list that the entry is named in, and where that stands. */
  readonly list: string;
  readonly index: string;
}

const root = projectRoot();
const rows: Row[] = [
  ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(
    /^\| (?<kind>[a-z ]+) \| `(?<file>src\/\S+)` \| `(?<list>\w+)` in `(?<index>src\/\S+)` \|/gm,
  ),
].map(({ groups }) => groups as unknown as Row);

const copy = mkdtempSync(join(tmpdir(), 'mycel-add-entry-'));
after(() => rmSync(copy, { recursive: true }));

const idOf = (kind: string) => `added-${kind.replaceAll(' ', '-')}`;
const mycel = (...words: string[]) =>
  execFileSync(process.execPath, [join(copy, 'dist/src/cli/main.js'), ...words], {
    cwd: copy,
    encoding: 'utf8',
  });

/** Writes the entry's file, and its name into the list. */
function add({ kind, file, list, index }: Row): void {
  const text = addedEntries[kind];
  assert.ok(text, `no entry of the kind "${kind}" to add`);
  const path = file.replace('<name>', idOf(kind));
  writeFileSync(join(copy, path), text);
  const name = `added${kind.replace(/(^| )([a-z])/g, (_, _space, letter: string) => letter.toUpperCase())}`;
  const from = relative(dirname(index), path).replace(/\.ts$/, '.js');
  const before = readFileSync(join(copy, index), 'utf8');
  const named = before.replace(new RegExp(`^((?:export )?const ${list}\\b[^=]*= \\[)`, 'm'), `$1${name},`);
  assert.notEqual(named, before, `${index} has no list "${list}"`);
  writeFileSync(join(copy, index), `import { added as ${name} } from './${from}';\n${named}`);
}

before(() => {
  cpSync(join(root, 'src'), join(copy, 'src'), {
    recursive: true,
    filter: (path) => !basename(path).endsWith('.test.ts'),
  });
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const row of rows) add(row);
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', '.', '--declaration', 'false'], {
    cwd: copy,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // As scripts/copy-kernels.mjs does.
  const kernels = 'src/numeric/kernels.wasm';
  cpSync(join(root, kernels), join(copy, 'dist', kernels));
});

test('the table has every kind of entry that a scenario can name, and sparse codecs apart', () => {
  assert.deepEqual(rows.map(({ kind }) => kind).sort(), Object.keys(addedEntries).sort());
  assert.equal(rows.length, Object.keys(lists).length + 1);
});

test('every entry is listed', () => {
  const listed = mycel('list');
  for (const { kind } of rows) assert.match(listed, new RegExp(`^  ${idOf(kind)} `, 'm'));
});

test('what was added keeps to its floor', () => {
  assert.deepEqual(floors(readTree(copy, 'src', '.ts')), []);
});

/** A scenario with every kind of entry, in variants, since one run has one algorithm and one model. */
const SCENARIO = `
seed: 1
nodes: 4
data: { use: added-data-source, split: added-split }
model: { use: cnn, layers: [added-layer] }
topology: added-topology
network: { latency: added-latency-model, uplink: 1Mbps, downlink: 1Mbps, sharing: added-sharing-discipline }
compute: added-device-profile
algorithm: { use: d-psgd, batch: 4, optimizer: added-optimizer, mixing: added-mixing-rule, codec: added-codec, deadline: 1s }
faults: [added-fault]
measure: { probes: [accuracy, added-probe] }
stop: { after: 3 rounds }
compare:
  scenario:
    - { name: everything }
    - { name: sparse, algorithm: { use: d-psgd, batch: 4, codec: added-sparse-codec, deadline: 1s } }
    - { name: masks, model: softmax, algorithm: { use: mce-pl, batch: 4, lambda: 0, codec: added-mask-codec, deadline: 1s } }
    - { name: algorithm, model: added-model, algorithm: { use: added-algorithm, batch: 4, deadline: 1s } }
    - { name: transport, network: { latency: added-latency-model, uplink: 1Mbps, downlink: 1Mbps, transport: added-transport } }
`;

test('a scenario that names them runs', () => {
  writeFileSync(join(copy, 'added.yaml'), SCENARIO);
  mycel('run', 'added.yaml', '--quiet', '--out', 'out');
  const summaries = readTree(copy, 'out', 'summary.json').map(
    ({ text }) => JSON.parse(text) as { stopped: string; scenario: unknown },
  );
  assert.deepEqual(
    summaries.map(({ stopped }) => stopped),
    ['rounds', 'rounds', 'rounds', 'rounds', 'rounds'],
  );
  const named = JSON.stringify(summaries.map(({ scenario }) => scenario));
  for (const { kind } of rows) assert.ok(named.includes(`"${idOf(kind)}"`), kind);
});
