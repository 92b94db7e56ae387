// Makes the files of src/data/mnist/ from the four published files of MNIST: `node scripts/compress-mnist.mjs FOLDER`.
// It refuses files that differ from the published ones in a byte.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** SHA-256 of the published files, unpacked. */
const FILES = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

const folder = process.argv[2];
if (folder === undefined) throw new Error('expected the folder with the four files as the only argument');
for (const [name, expected] of Object.entries(FILES)) {
  const bytes = readFileSync(join(folder, name));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected) throw new Error(`${name}: expected SHA-256 ${expected}, got ${found}`);
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(new URL(`../src/data/mnist/${name}.br`, import.meta.url), packed);
  console.log(`${name}.br: ${bytes.length} bytes packed to ${packed.length}`);
}
