import { testBackend } from '../../test/support/backend-conformance.js';
import { loadForTest } from '../../test/support/tensorflow.js';

const names = ['cpu', 'wasm', 'tensorflow'] as const;
// First all, then tests: the engine can't be used while it initialises a backend, and Node 22 starts tests at once.
for (const name of names) await loadForTest(name);
for (const name of names) await testBackend(name);
