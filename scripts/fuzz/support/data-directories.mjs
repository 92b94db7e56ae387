// Small directories in every format that data sources read: `<source>` or `<source>-<variant>`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeJpeg } from '../../../dist/test/support/jpeg.js';

/** Writes them below `folder`. */
export async function writeDirectories(folder) {
  const write = (path, content) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [part, count] of [
    ['train', 12],
    ['t10k', 6],
  ]) {
    const images = idx([count, 4, 4], (k) => (k * 37) % 256);
    const labels = idx([count], (k) => k % 3);
    write(`idx/${part}-images-idx3-ubyte`, images);
    write(`idx/${part}-labels-idx1-ubyte`, labels);
    write(`idx-gzip/${part}-images-idx3-ubyte.gz`, gzipSync(images));
    write(`idx-gzip/${part}-labels-idx1-ubyte.gz`, gzipSync(labels));
  }
  for (const name of [1, 2, 3, 4, 5].map((k) => `data_batch_${k}`).concat('test_batch'))
    write(
      `cifar10/${name}.bin`,
      Uint8Array.from({ length: 2 * 3073 }, (_, k) => (k % 3073 === 0 ? k % 10 : k % 251)),
    );
  await writeCeleba(write);
  const rows = Array.from({ length: 12 }, (_, k) => `${k / 4},${k % 3 ? 'red' : '"light, blue"'},${k % 2}\n`);
  write('csv/data.csv', `x,kind,y\n${rows.join('')}`);
  // What NumPy has written.
  const arrays = JSON.parse(readFileSync(join('test', 'support', 'numpy-files.json'), 'utf8'));
  const array = (name) => Buffer.from(arrays[name], 'base64');
  write('npz/data.npz', array('stored'));
  write('npz-deflated/data.npz', array('deflated'));
  write('npy/x.npy', array('pairs'));
  write('npy/y.npy', array('long'));
  writeLeaf(write);
}

function writeLeaf(write) {
  const fileOf = (users, count, x, y) =>
    JSON.stringify({
      users,
      num_samples: users.map(() => count),
      user_data: Object.fromEntries(
        users.map((user) => [
          user,
          { x: Array.from({ length: count }, x), y: Array.from({ length: count }, y) },
        ]),
      ),
    });
  const text = (count) =>
    fileOf(
      ['ROMEO', 'JULIET'],
      count,
      (_, k) => 'soft, what'.slice(k, k + 4),
      (_, k) => 'soft, what'[k + 4],
    );
  write('shakespeare/train/all.json', text(4));
  write('shakespeare/test/all.json', text(2));
  const image = (_, k) => Array.from({ length: 784 }, (_, i) => ((i + k) % 4) / 4);
  write(
    'femnist/all.json',
    fileOf(['f0', 'f1'], 3, image, (_, k) => k * 30),
  );
}

async function writeCeleba(write) {
  const names = Array.from({ length: 10 }, (_, k) => `00000${k}.jpg`);
  const rows = names.map((name, k) => `${name} ${k % 2 ? ' 1' : '-1'} ${k % 3 ? ' 1' : '-1'} -1`);
  write('celeba/list_attr_celeba.txt', `${names.length}\nMale Smiling Young\n${rows.join('\n')}\n`);
  write(
    'celeba/list_eval_partition.txt',
    `${names.map((name, k) => `${name} ${k < 7 ? 0 : 2}`).join('\n')}\n`,
  );
  for (const [k, name] of names.entries()) {
    const data = Uint8ClampedArray.from({ length: 178 * 218 * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : (i * (k + 3)) >> 8,
    );
    write(`celeba/img_align_celeba/${name}`, await encodeJpeg({ data, width: 178, height: 218 }, 60));
  }
}

function idx(sizes, byteAt) {
  const length = sizes.reduce((product, size) => product * size, 1);
  const bytes = Buffer.alloc(4 + 4 * sizes.length + length);
  bytes.writeUInt32BE(0x0800 + sizes.length, 0);
  for (const [k, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * k);
  for (let k = 0; k < length; k++) bytes[4 + 4 * sizes.length + k] = byteAt(k);
  return bytes;
}
