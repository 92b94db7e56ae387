import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AssertionError,
  asPluginError,
  assert as assertOurs,
  byCodeUnit,
  callPlugin,
  EXIT,
  nearestName,
  PluginError,
  printable,
  UsageError,
  unknownName,
} from './errors.js';

test('a usage error carries its code, its message and its place', () => {
  const error = new UsageError('bad-unit', 'expected a duration', 'network.latency');
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.message, error.path],
    ['UsageError', 'bad-unit', 'expected a duration', 'network.latency'],
  );
  assert.equal(new UsageError('a', 'b').path, '');
});

test('a plugin error keeps its cause', () => {
  const cause = new Error('inner');
  const error = new PluginError('node 3 threw', { cause });
  assert.deepEqual([error.name, error.cause], ['PluginError', cause]);
});

test('an error that a plugin throws names the plugin and the event of the run, each once', () => {
  const cause = new TypeError('no such thing');
  const named = asPluginError('codec "mine"', cause) as PluginError;
  assert.ok(named instanceof PluginError);
  assert.deepEqual(
    [named.message, named.cause, named.isPlaced],
    ['codec "mine": no such thing', cause, false],
  );
  assert.equal(asPluginError('model "other"', named), named);
  const placed = asPluginError(() => 'algorithm "a", start on node 3', named) as PluginError;
  assert.deepEqual(
    [placed.message, placed.cause, placed.isPlaced],
    ['algorithm "a", start on node 3: codec "mine": no such thing', named, true],
  );
  assert.equal(
    asPluginError(() => 'fault "b", node-down of 3', placed),
    placed,
  );
  assert.equal(asPluginError('topology "t"', 'a text').message, 'topology "t": a text');
});

test('usage errors and failed assertions pass through the call of a plugin unchanged, and so does its result', () => {
  for (const error of [new UsageError('code', 'theirs'), new AssertionError('ours')]) {
    const fail = (): never => {
      throw error;
    };
    assert.throws(
      () => callPlugin('probe "p"', fail),
      (thrown) => thrown === error,
    );
  }
  assert.equal(
    callPlugin('probe "p"', () => 7),
    7,
  );
});

test('assert throws an AssertionError with the message, and nothing if the condition holds', () => {
  assertOurs(1, 'fine');
  for (const condition of [false, 0, '', undefined]) {
    assert.throws(
      () => assertOurs(condition, 'broken'),
      (error) =>
        error instanceof AssertionError && error.message === 'broken' && error.name === 'AssertionError',
    );
  }
});

test('exit codes are those of the documentation', () => {
  assert.deepEqual(EXIT, { ok: 0, differs: 1, usage: 2, bug: 70, interrupted: 130 });
});

test('the nearest name is the one with the fewest edits', () => {
  const known = ['complete', 'exponential', 'ring', 'star'];
  assert.equal(nearestName('rign', known), 'ring');
  assert.equal(nearestName('Complet', known), 'complete');
  assert.equal(nearestName('EXPONENTAIL', known), 'exponential');
  assert.equal(nearestName('stars', known), 'star');
});

test('the first of equally near names is proposed', () => {
  assert.equal(nearestName('bat', ['cat', 'hat']), 'cat');
});

test('no name is proposed where none is near', () => {
  assert.equal(nearestName('torus', ['complete', 'exponential']), undefined);
  assert.equal(nearestName('ring', []), undefined);
});

test('an unknown name is a usage error that lists the known ones in order and the nearest', () => {
  const error = unknownName('topology', 'rign', ['star', 'ring', 'complete'], 'topology.use');
  assert.ok(error instanceof UsageError);
  assert.deepEqual([error.code, error.path], ['unknown-name', 'topology.use']);
  assert.equal(error.message, 'unknown topology "rign". Did you mean "ring"? Known: complete, ring, star');
  assert.equal(unknownName('split', 'x-y-z', ['iid']).message, 'unknown split "x-y-z". Known: iid');
});

test('names are compared by code units, not by locale', () => {
  const names = ['ä', 'b', 'Z', 'a', 'B'];
  assert.deepEqual(names.sort(byCodeUnit), ['B', 'Z', 'a', 'b', 'ä']);
  assert.equal(byCodeUnit('a', 'a'), 0);
});

test('names in messages are on one line, short, and without characters that a terminal obeys', () => {
  const { message } = unknownName('topology', 'a\u001b[31m\nb\u202e', ['ring']);
  assert.equal(message, 'unknown topology "a\\u001b[31m\\nb\\u202e". Known: ring');
  assert.ok(unknownName('topology', 'x'.repeat(1e6), ['ring']).message.length < 120);
  assert.equal(printable('a\tb\nc\u0007\u009b'), 'a\\u0009b\nc\\u0007\\u009b');
});
