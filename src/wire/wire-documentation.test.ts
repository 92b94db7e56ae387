import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Random } from '../random.js';
import { number } from './control.js';
import { decodeMessage, encodeMessage, withChecksum } from './header.js';
import { record } from './record.js';
import { topK } from './top-k.js';

const random = new Random('unused');
const documentation = readFileSync(join(projectRoot(), 'docs', 'wire.md'), 'utf8');
const codec = topK({ k: 3, indices: 'varint' }, 300);
const values = new Float32Array(300);
values[2] = 1.5;
values[130] = -2;
values[299] = 0.25;

test('the example message in the documentation has the bytes that are sent', () => {
  const bytes = dump('top-k');
  const addresses = { type: 0, from: 3, to: 5, round: 7, sequence: 42 };
  const body = codec.encode({ values }, random);
  assert.deepEqual([...encodeMessage(addresses, withChecksum(body))], bytes);
  assert.equal(bytes.length, 48);
  assert.deepEqual([body.indexBytes, body.valuesBytes, body.headerBytes], [4, 12, 0]);
  const message = decodeMessage(Uint8Array.from(bytes));
  const view = codec.decode(message.body, message.header.indexBytes);
  assert.deepEqual([...view.indices!], [2, 130, 299]);
  assert.deepEqual([...view.values], [1.5, -2, 0.25]);
  assert.equal(message.header.crc32, 0x03d74b17);
});

test('the example record in the documentation has the bytes that are sent', () => {
  const body = record({ params: codec, samples: number('u32') });
  assert.deepEqual([...body.encode({ params: { values }, samples: 600 }, random).bytes], dump('record'));
  assert.ok(documentation.includes(`\`${body.id}\``));
});

/** The bytes of a `hex` block; each line's offset must be the number of bytes before it. */
function dump(name: string): number[] {
  const block = new RegExp(`\`\`\`hex ${name}\n([^\`]*)\`\`\``).exec(documentation);
  assert.ok(block, `docs/wire.md has a hex block named ${name}`);
  const bytes: number[] = [];
  for (const line of block[1]!.trimEnd().split('\n')) {
    const match = /^ *(\d+) {2}((?:[0-9a-f]{2})(?: [0-9a-f]{2})*)(?: {2,}.*)?$/.exec(line);
    assert.ok(match, `a line of the dump: ${line}`);
    assert.equal(Number(match[1]), bytes.length, `offset of: ${line}`);
    bytes.push(...match[2]!.split(' ').map((byte) => Number.parseInt(byte, 16)));
  }
  return bytes;
}

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    assert.notEqual(folder, dirname(folder), 'a package.json above this test');
    folder = dirname(folder);
  }
  return folder;
}
