import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import { failure, RunFailure } from './failure.js';
import { commandLine } from './shell.js';

test('a usage error prints its message alone, with exit code 2', () => {
  assert.deepEqual(failure(new UsageError('x', 'a.yaml:1:1 seed: expected …'), 'mycel run a.yaml'), {
    text: 'a.yaml:1:1 seed: expected …',
    code: 2,
  });
});

test('a bug or a throwing plugin prints stack, cause and the command that reproduces it, with exit code 70', () => {
  const cause = new TypeError('x is undefined');
  for (const error of [new AssertionError('broken'), new PluginError('node 3 threw', { cause })]) {
    const { text, code } = failure(new RunFailure(error, 'mycel run a.yaml --seed 3'), 'mycel run a.yaml');
    assert.equal(code, 70);
    assert.ok(text.startsWith(`${error.name}: ${error.message}\n    at `), text);
    assert.match(text, /\nreproduce: mycel run a\.yaml --seed 3\nmycel \d/);
    assert.equal(text.includes('caused by TypeError: x is undefined'), error instanceof PluginError);
  }
});

test('the arguments of a command line are quoted if a shell needs it', () => {
  assert.equal(commandLine(['run', 'a.yaml', '--seed', '1..5']), 'mycel run a.yaml --seed 1..5');
  assert.equal(
    commandLine(['run', 'my file.yaml', '--set', 'topology={use: ring}', "it's"]),
    `mycel run 'my file.yaml' --set 'topology={use: ring}' 'it'\\''s'`,
  );
});
