/** Reading zod schemas: the keys that an object knows, and a value with every default filled in as it is written. */
import type { z } from 'zod';
import { isMap } from './path.js';

/** The parts of zod's definitions that are read here; which of them are there depends on `type`. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly in?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
}

const WRAPPERS = new Set([
  'optional',
  'nullable',
  'readonly',
  'nonoptional',
  'catch',
  'default',
  'prefault',
  'exactOptional',
]);

/** The keys of an object schema with their schemas, through wrappers, refinements and transforms; undefined else. */
export function shapeOf(
  schema: z.core.$ZodType | undefined,
): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema === undefined) return undefined;
  const def = definitionOf(schema);
  if (def.type === 'object') return def.shape;
  if (WRAPPERS.has(def.type)) return shapeOf(def.innerType);
  return def.type === 'pipe' ? shapeOf(def.in) : undefined;
}

/** `value`, which the schema accepts, with defaults where keys are missing: units stay text. */
export function withDefaults(schema: z.core.$ZodType, value: unknown): unknown {
  const def = definitionOf(schema);
  if (WRAPPERS.has(def.type)) {
    const given = value === undefined ? def.defaultValue : value;
    return given === undefined ? undefined : withDefaults(def.innerType!, given);
  }
  if (def.type === 'pipe') return withDefaults(def.in!, value);
  if (def.type === 'object' && isMap(value)) return objectWithDefaults(def.shape ?? {}, value);
  if (def.type === 'array' && Array.isArray(value))
    return value.map((item) => withDefaults(def.element!, item));
  if (def.type === 'record' && isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withDefaults(def.valueType!, item)]),
    );
  }
  if (def.type === 'union') {
    const branch = def.options!.find((option) => (option as z.ZodType).safeParse(value).success);
    return branch === undefined ? value : withDefaults(branch, value);
  }
  return value;
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

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}
