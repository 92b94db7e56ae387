/** The public interface is what it says: documented, tagged, in one place, and small where it has to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryPoints, firstSentence, read, typesBehind } from './support/api.js';
import { apiPage } from './support/api-page.js';
import { ENTRY_POINTS } from './tidy/rules.js';
import { projectRoot, readTree } from './tidy/source.js';

const entries = entryPoints();
const names = entries.flatMap(({ names }) => names);
const declared = names.filter(({ kind }) => kind !== 'package');

/** Too general to be understood where they are imported; in a namespace they are not. */
const FORBIDDEN = [
  ...['number', 'numbers', 'size', 'count', 'share', 'speed', 'duration', 'bandwidth', 'step', 'is'],
  ...['others', 'message', 'record', 'empty', 'list', 'value', 'type', 'kind', 'kinds', 'node', 'data'],
];

/** Errors are thrown by those who write entries and caught by those who run experiments. */
const IN_TWO = ['UsageError'];

/** Parts of the simulator that signatures name and nobody handles: what is saved or passed through. */
const OPAQUE = [
  'Kernel',
  'Machine',
  'OutgoingMessage',
  'Source',
  'WorldState',
  'lists',
  'networkOptions',
  // Step programs, which entries of the user's own cannot have yet.
  'EmbeddingPass',
  'ModelPass',
  'ModelProgram',
  'OptimizerPlaces',
  'OptimizerProgram',
  'Place',
  'ProgramBuilder',
  'ProgramInput',
  'ProgramPass',
  'RepresentationProgram',
];

test('the entry points are those that the tidy rules know', () => {
  assert.deepEqual([...entries.map(({ file }) => file)].sort(), [...ENTRY_POINTS].sort());
});

test('every public name has a docstring with @public', () => {
  for (const { name, docstring } of declared) {
    assert.notEqual(firstSentence(docstring), '', `${name} has no docstring`);
    assert.match(
      docstring,
      /(^|\s)@public$/m,
      `${name} is exported by an entry point, and not tagged @public`,
    );
  }
});

test('what is tagged @public can be imported', () => {
  const count = (file: string) =>
    declared.filter((name) => name.file === file).map(({ original }) => original);
  for (const { path, text } of readTree(projectRoot(), 'src', '.ts')) {
    const tags = text.match(/@public\b/g)?.length ?? 0;
    assert.equal(tags, new Set(count(path)).size, `${path}: @public stands at what no entry point exports`);
  }
});

test('every name is in one entry point', () => {
  const twice = names.map(({ name }) => name).filter((name, i, all) => all.indexOf(name) !== i);
  assert.deepEqual(twice, IN_TWO);
});

test('no name at the root of an entry point is too general', () => {
  for (const { name } of names) assert.ok(!FORBIDDEN.includes(name), name);
});

test('who runs experiments finds few functions', () => {
  const values = names.filter(({ kind }) => !['interface', 'type'].includes(kind));
  const mycel = entries.find(({ specifier }) => specifier === 'mycel')!.names;
  assert.ok(mycel.filter((name) => values.includes(name)).length <= 15);
  assert.ok(mycel.length <= 41, `${mycel.length} names`);
});

test('types that public declarations name are public', () => {
  const known = new Set(declared.map(({ file, original }) => `${file} ${original}`));
  for (const name of declared) {
    for (const behind of typesBehind(name)) {
      if (OPAQUE.includes(behind.original)) continue;
      assert.ok(
        known.has(`${behind.file} ${behind.original}`),
        `${name.name}: names ${behind.original} of ${behind.file}, which cannot be imported`,
      );
    }
  }
});

test('docs/api.md is what npm run docs:api writes', () => {
  assert.equal(read('docs/api.md'), apiPage());
});

test('a first sentence ends at its full stop, without tags and links', () => {
  assert.equal(firstSentence('Runs a {@link Plan}, at 1.5 MB. More.\n@public'), 'Runs a `Plan`, at 1.5 MB.');
  assert.equal(firstSentence('`"35ms"` → nanoseconds\n@throws UsageError'), '`"35ms"` → nanoseconds');
  assert.equal(firstSentence('@public'), '');
});
