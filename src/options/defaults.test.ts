import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { lists } from '../scenario/lists.js';
import { duration, withDefaults } from './index.js';
import { shapeOf } from './shape.js';

test('defaults are filled in as they would be written, at every depth', () => {
  const schema = z.strictObject({
    timeout: duration().prefault('30s'),
    retry: z.strictObject({ tries: z.int().default(3), wait: duration().optional() }).prefault({}),
    list: z.array(z.strictObject({ k: z.int().default(1) })).default([]),
    choice: z.discriminatedUnion('use', [
      z.strictObject({ use: z.literal('a'), at: duration().prefault('1s') }),
      z.strictObject({ use: z.literal('b') }),
    ]),
    by: z.record(z.string(), z.strictObject({ x: z.int().default(7) })).optional(),
  });
  assert.deepEqual(withDefaults(schema, { choice: { use: 'a' }, list: [{}], by: { n: {} } }), {
    timeout: '30s',
    retry: { tries: 3 },
    list: [{ k: 1 }],
    choice: { use: 'a', at: '1s' },
    by: { n: { x: 7 } },
  });
});

test('the keys of a schema are found through defaults, refinements and transforms', () => {
  const schema = z
    .strictObject({ a: z.int(), b: z.int() })
    .refine(() => true)
    .transform((value) => value.a)
    .prefault({ a: 1, b: 2 })
    .optional();
  assert.deepEqual(Object.keys(shapeOf(schema) ?? {}), ['a', 'b']);
  assert.equal(shapeOf(z.string()), undefined);
});

test('filling in the defaults changes no validated option of any entry, and filling them in again changes nothing', () => {
  let tried = 0;
  for (const { entries } of Object.values(lists)) {
    for (const { id, options } of entries) {
      const parsed = options.safeParse({});
      if (!parsed.success) continue;
      const filled = withDefaults(options, {});
      assert.deepEqual(options.parse(filled), parsed.data, id);
      assert.deepEqual(withDefaults(options, filled), filled, id);
      tried++;
    }
  }
  assert.ok(tried > 10, `${tried} entries have defaults for all options`);
});
