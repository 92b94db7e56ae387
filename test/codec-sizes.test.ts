/** The table of docs/wire.md: what codecs send of one vector, beside what no code can go below. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

interface Row {
  readonly title: string;
  readonly bytes: number;
  readonly lossless?: number;
  readonly shannon?: number;
}
const { sizes } = (await import(pathToFileURL(join('scripts', 'codecs', 'measured.mjs')).href)) as {
  sizes(): readonly Row[];
};
const rows = sizes();
const n = 50_890;
const bytesOf = (title: string) => rows.find((row) => row.title === title)!.bytes;

test('sizes that do not depend on the content are those of the formulas', () => {
  const norms = 4 * Math.ceil(n / 512);
  assert.deepEqual(
    {
      float32: bytesOf('float32'),
      float16: bytesOf('float16'),
      bfloat16: bytesOf('bfloat16'),
      qsgd: bytesOf('qsgd'),
      ternary: bytesOf('{ use: qsgd, levels: 1 }'),
      sign: bytesOf('sign'),
      rank4: bytesOf('{ use: low-rank, rank: 4 }'),
      topK: bytesOf('top-k'),
      randomK: bytesOf('random-k'),
      delta: bytesOf('{ use: delta, codec: sign }, not whole'),
    },
    {
      float32: 4 * n,
      float16: 2 * n,
      bfloat16: 2 * n,
      qsgd: norms + Math.ceil((4 * n) / 8),
      ternary: norms + Math.ceil((2 * n) / 8),
      sign: 4 + Math.ceil(n / 8),
      rank4: 4 * (4 * (784 + 64) + 64 + 4 * (64 + 10) + 10),
      topK: 8 * 5089,
      randomK: 4 + 4 * 5089,
      delta: 4 + Math.ceil(n / 8) + 4,
    },
  );
});

test('entropy-coded sizes are within one percent above the entropy', () => {
  const coded = rows.filter(({ title, lossless }) => lossless !== undefined && !title.includes('top-k'));
  assert.equal(coded.length, 4);
  for (const { title, bytes, lossless } of coded) {
    assert.ok(bytes >= lossless! - 1, `${title}: ${bytes} B, below its entropy of ${lossless} B`);
    assert.ok(bytes <= 1.01 * lossless!, `${title}: ${bytes} B for an entropy of ${lossless} B`);
  }
});

test('nothing is smaller than the rate–distortion bound of its error, nor entropy coding far above it', () => {
  for (const { title, bytes, shannon } of rows) {
    if (shannon !== undefined) assert.ok(bytes >= shannon, `${title}: ${bytes} B for ${shannon} B`);
  }
  const fine = rows.find(({ title }) => title === 'entropy-quantized')!;
  // A quarter of a bit a coordinate: ½ log₂(πe/6) = 0.2546.
  assert.ok(Math.abs(((fine.bytes - fine.shannon!) * 8) / n - 0.2546) < 0.02);
});

test('the page has the table', () => {
  const page = readFileSync(join('docs', 'wire.md'), 'utf8');
  for (const { title, bytes } of rows) {
    const row = page.split('\n').find((line) => line.startsWith(`${title}  `));
    assert.ok(row?.includes(` ${bytes.toLocaleString('en')} `), `docs/wire.md has ${title}: ${bytes} bytes`);
  }
});
