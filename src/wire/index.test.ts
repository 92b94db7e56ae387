import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Random } from '../random.js';
import { number } from './control.js';
import { codecOption, codecs, createCodec } from './index.js';
import { record } from './record.js';

const options = z.strictObject({ codec: codecOption() });
const chosen = ({ codec }: z.output<typeof options>) => [codec.entry.id, codec.options];
const issuesOf = (codec: unknown) => {
  const parsed = options.safeParse({ codec });
  assert.equal(parsed.success, false);
  return parsed.error.issues.map(({ code, path, message }) => ({ code, path: path.join('.'), message }));
};

test('every codec has a name of its own, strict options with defaults, and carries a vector', () => {
  assert.equal(new Set(codecs.map(({ id }) => id)).size, codecs.length);
  for (const entry of codecs) {
    assert.equal(entry.options.safeParse({ unknown: 1 }).success, false);
    const vector = { length: 20, slices: [{ shape: [5, 4], offset: 0, length: 20 }] };
    const codec = createCodec({ entry, options: entry.options.parse({}) }, vector);
    const values = Float32Array.from({ length: 20 }, (_, i) => i);
    const { bytes, indexBytes } = codec.encode({ values }, new Random('unused'));
    const view = codec.decode(bytes, indexBytes);
    assert.equal(view.length, 20);
    assert.ok(view.values.every((value) => value >= 0 && value < 20));
  }
});

test('a codec is chosen by id, or by id with options, and is float32 by default', () => {
  assert.deepEqual(chosen(options.parse({})), ['float32', {}]);
  assert.deepEqual(chosen(options.parse({ codec: 'float16' })), ['float16', {}]);
  assert.deepEqual(chosen(options.parse({ codec: { use: 'top-k', fraction: '5%' } })), [
    'top-k',
    { fraction: 0.05, indices: 'u32' },
  ]);
});

test('a record of a chosen codec and a count has no more bytes than the two', () => {
  const params = createCodec(codecOption().parse('float32'), { length: 20 });
  const update = record({ params, samples: number('u32') });
  const { bytes } = update.encode(
    { params: { values: new Float32Array(20) }, samples: 1 },
    new Random('unused'),
  );
  assert.equal(bytes.length, 4 * 20 + 4);
});

test('an unknown codec is named with the nearest one', () => {
  const known = codecs.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1));
  const message = `unknown codec "flaot16". Did you mean "float16"? Known: ${known.join(', ')}`;
  assert.deepEqual(issuesOf('flaot16'), [{ code: 'custom', path: 'codec', message }]);
  assert.deepEqual(issuesOf({ use: 'flaot16' }), [{ code: 'custom', path: 'codec.use', message }]);
});

test("mistakes in a codec's options are reported with their path", () => {
  assert.deepEqual(
    issuesOf({ use: 'top-k', fraction: 0.1 }).map(({ path }) => path),
    ['codec.fraction'],
  );
  assert.deepEqual(
    issuesOf({ use: 'float16', bits: 3 }).map(({ code, path }) => [code, path]),
    [['custom', 'codec.bits']],
  );
  assert.match(issuesOf(3)[0]!.message, /expected a codec: its name, or a map with "use", got 3/);
  assert.match(
    issuesOf({ fraction: '1%' })[0]!.message,
    /expected the name of a codec or the path of a module in "use"/,
  );
});

test('the option has a JSON Schema of what a user writes', () => {
  const schema = JSON.parse(JSON.stringify(z.toJSONSchema(options, { io: 'input' })));
  assert.equal(schema.properties.codec.default, 'float32');
});
