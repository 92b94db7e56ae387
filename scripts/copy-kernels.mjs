// Puts into dist what tsc does not: the WebAssembly kernels beside the module that loads them, the gradients of
// TensorFlow.js's operations, and its types.
import { copyFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import './ship-types.mjs';

copyFileSync('src/numeric/kernels.wasm', 'dist/src/numeric/kernels.wasm');

// The package's own bundle for Node leaves them out, and its separate modules cannot be loaded by Node.
buildSync({
  entryPoints: ['node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js'],
  outfile: 'dist/src/compute/gradients.cjs',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  banner: {
    js: '/* From TensorFlow.js 4.22.0. Copyright Google LLC. Licensed under the Apache License, Version 2.0. */',
  },
  logLevel: 'warning',
});
