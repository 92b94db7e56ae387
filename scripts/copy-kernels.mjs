// Puts into dist what tsc does not: the WebAssembly kernels, MNIST and the font of figures where modules load them from, the
// gradients of TensorFlow.js's operations, and its types.
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { buildSync } from 'esbuild';
import './ship-types.mjs';

for (const file of ['numeric/kernels.wasm', 'cli/plot/inter.ttf', 'cli/plot/inter-license.txt']) {
  mkdirSync(dirname(`dist/src/${file}`), { recursive: true });
  copyFileSync(`src/${file}`, `dist/src/${file}`);
}
cpSync('src/data/mnist', 'dist/src/data/mnist', { recursive: true });

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
