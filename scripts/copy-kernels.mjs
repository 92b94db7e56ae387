// Puts beside the compiled modules what they load and tsc does not copy: the WebAssembly kernels, and the font of figures.
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

for (const file of ['numeric/kernels.wasm', 'cli/plot/inter.ttf', 'cli/plot/inter-license.txt']) {
  mkdirSync(dirname(`dist/src/${file}`), { recursive: true });
  copyFileSync(`src/${file}`, `dist/src/${file}`);
}
