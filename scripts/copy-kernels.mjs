// Puts into dist what tsc does not: the WebAssembly kernels beside the module that loads them, and types of TensorFlow.js.
import { copyFileSync } from 'node:fs';
import './ship-types.mjs';

copyFileSync('src/numeric/kernels.wasm', 'dist/src/numeric/kernels.wasm');
