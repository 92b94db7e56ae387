import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { loadBackend } from './backend.js';

// Before the tests, which Node 22 starts at once: to load it takes the engine from them.
const tensorflow = await loadBackend('tensorflow').catch((error: unknown) => error);

test('loading names the backend and its versions, and activates it', async () => {
  for (const name of ['cpu', 'wasm'] as const) {
    const loaded = await loadBackend(name);
    assert.equal(loaded.name, name);
    assert.equal(loaded.tf.getBackend(), name);
    assert.deepEqual(loaded.versions, {
      '@tensorflow/tfjs-core': '4.22.0',
      [`@tensorflow/tfjs-backend-${name}`]: '4.22.0',
      node: process.versions.node,
    });
  }
});

test('all backends of a thread share one engine, and each can be made active again', async () => {
  const [cpu, wasm] = [await loadBackend('cpu'), await loadBackend('wasm')];
  assert.equal(cpu.tf, wasm.tf);
  await cpu.activate();
  assert.equal(cpu.tf.getBackend(), 'cpu');
  assert.equal((await loadBackend('wasm')).tf.getBackend(), 'wasm');
});

test('loading wasm leaves no handler of uncaught errors behind', async () => {
  const handlers = () =>
    (['uncaughtException', 'unhandledRejection'] as const).map((event) =>
      process
        .listeners(event as 'uncaughtException')
        .filter((listener) => /ExitStatus|throw reason/.test(String(listener))),
    );
  await loadBackend('wasm');
  assert.deepEqual(handlers(), [[], []]);
});

test('an unknown backend is refused with the nearest name', async () => {
  await assert.rejects(loadBackend('wsam' as never), /unknown backend "wsam"\. Did you mean "wasm"\?/);
});

test('tensorflow, where it is missing, is refused with the reason and the remedy', {
  skip: tensorflow instanceof Error ? false : 'tensorflow is installed here',
}, () => {
  assert.ok(tensorflow instanceof UsageError);
  assert.equal(tensorflow.code, 'no-tensorflow');
  assert.match(tensorflow.message, /tfjs-node (is not installed: it is optional|is installed but)/);
  assert.match(tensorflow.message, /--backend wasm/);
});

test('auto is native where there are native kernels that pass their self-test, else wasm, and says why', async () => {
  const { name, note, tf } = await loadBackend('auto');
  assert.equal(tf.getBackend(), 'wasm');
  if (name === 'native') assert.equal(note, undefined);
  else assert.match(note!, /^computed by WebAssembly: there are no native kernels here \(/);
});
