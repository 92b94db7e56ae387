/** Fills in the defaults of a schema, in the form in which a scenario would state them. */
import { z } from 'zod';
import { type ChoiceInfo, choiceOf, longForm, partsOf } from './choice.js';
import { findEntry } from './entry.js';
import { isMap } from './path.js';
import { innerOf } from './shape.js';

/** `value`, which the schema accepts, with a default for every missing key: units stay text, entries stay names. */
export function withDefaults(schema: z.core.$ZodType, value: unknown): unknown {
  const choice = choiceOf(schema);
  if (choice) return choiceWithDefaults(choice, value);
  const inner = innerOf(schema);
  if (inner) {
    const given = value === undefined ? inner.fallback : value;
    return given === undefined ? undefined : withDefaults(inner.schema, given);
  }
  if (schema instanceof z.ZodPipe) return withDefaults(schema.in, value);
  if (schema instanceof z.ZodObject && isMap(value)) return objectWithDefaults(schema.shape, value);
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => withDefaults(schema.element, item));
  }
  if (schema instanceof z.ZodRecord && isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withDefaults(schema.valueType, item)]),
    );
  }
  if (schema instanceof z.ZodUnion) {
    const branch = schema.options.find((option) => (option as z.ZodType).safeParse(value).success);
    return branch === undefined ? value : withDefaults(branch, value);
  }
  return value;
}

function choiceWithDefaults(info: ChoiceInfo, value: unknown): unknown {
  const given = longForm(value);
  if (!isMap(given)) return value;
  const found = findEntry(given.use, info.list);
  if ('fault' in found) return value;
  const { options, own } = partsOf(info, given);
  return {
    use: typeof given.use === 'string' ? given.use : found.entry.id,
    ...(withDefaults(found.entry.options, options) as object),
    ...(withDefaults(info.own, own) as object),
  };
}

function objectWithDefaults(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const item = withDefaults(schema, value[key]);
    if (item !== undefined) filled[key] = item;
  }
  for (const [key, item] of Object.entries(value)) if (!(key in shape)) filled[key] = item;
  return filled;
}
