// Puts the WebAssembly kernels beside the compiled module that loads them; tsc copies no such files.
import { copyFileSync } from 'node:fs';

copyFileSync('src/numeric/kernels.wasm', 'dist/src/numeric/kernels.wasm');
