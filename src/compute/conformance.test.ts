import { testBackend } from './conformance.js';

await testBackend('cpu');
await testBackend('wasm');
await testBackend('tensorflow');
