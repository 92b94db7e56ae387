import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Entry, List } from '../options/index.js';
import { entryOf, modulesIn, reference, referenceOption, referenceTo } from './references.js';

const plain: Entry<{ size: number }> = {
  id: 'plain',
  description: 'of a test',
  options: z.strictObject({ size: z.int().default(3) }),
};
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
const list: List<Entry<any>> = { what: 'thing', entries: [plain], functions: [] };
const own = (id: string) => ({ id, description: 'of a test', options: z.strictObject({}) });

test('an entry of the list is found by its id, and its reference is plain data', () => {
  const option = referenceOption(list);
  assert.deepEqual(option.parse('plain'), { use: 'plain', options: { size: 3 } });
  assert.deepEqual(option.parse({ use: 'plain', size: 4 }), reference(plain, { size: 4 }));
  assert.equal(entryOf(list, reference(plain, { size: 4 })), plain);
  assert.throws(() => entryOf(list, { use: 'plane', options: {} }), {
    name: 'UsageError',
    message: /unknown thing "plane"\. Did you mean "plain"\?/,
  });
});

test('an entry of the user’s own is found by the module that it was given with', () => {
  const mine = own('mine');
  const module = 'file:///things/mine.js';
  const chosen = referenceOption(list).parse({ use: mine, module });
  assert.deepEqual(chosen, { use: 'mine', module, options: {} });
  assert.equal(entryOf(list, chosen), mine);
  assert.throws(() => entryOf(list, { ...chosen, use: 'yours' }), {
    name: 'PluginError',
    message: 'thing "yours" (file:///things/mine.js): expected the module to export that thing by default',
  });
});

test('two objects with one id are two entries, and one object is one', () => {
  const [first, second] = [own('twin'), own('twin')];
  const referTo = (entry: Entry<unknown>) => referenceTo(list, { entry, options: {} });
  assert.notEqual(referTo(first).module, referTo(second).module);
  assert.deepEqual(referTo(first), referTo(first));
  assert.equal(entryOf(list, referTo(second)), second);
});

test('a module stands for one entry', () => {
  const module = 'file:///things/one.js';
  const option = referenceOption(list);
  option.parse({ use: own('one'), module });
  assert.throws(() => referenceTo(list, { entry: own('one'), options: {}, module }), {
    name: 'UsageError',
    code: 'two-entries',
    message: /expected one thing per module/,
  });
  assert.match(option.safeParse({ use: own('one'), module }).error!.message, /got a second one from file:/);
});

test('the modules within specs and options are found, each once, and objects without one are refused for workers', () => {
  const at = (name: string) => ({ use: name, module: `file:///${name}.js`, options: {} });
  const value = { a: [at('x'), { options: { layers: [at('y'), at('x')] } }], numbers: new Float32Array(3) };
  assert.deepEqual(modulesIn(value, 1), ['file:///x.js', 'file:///y.js']);
  const given = referenceTo(list, { entry: own('object'), options: {} });
  assert.deepEqual(modulesIn([value, given], 0), ['file:///x.js', 'file:///y.js']);
  assert.throws(() => modulesIn([value, given], 1), {
    name: 'UsageError',
    code: 'no-module',
    message: /expected a thing that worker threads can import, got the object "object"/,
  });
});
