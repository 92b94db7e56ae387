/** The structure of a schema, found without parsing anything. */
import { z } from 'zod';

/** The keys of an object schema with their schemas, also inside wrappers, refinements and transforms; else undefined. */
export function shapeOf(
  schema: z.core.$ZodType | undefined,
): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema === undefined) return undefined;
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in) ?? shapeOf(schema.out);
  const inner = innerOf(schema);
  return inner && shapeOf(inner.schema);
}

/** The schema inside a wrapper such as `.optional()`, with its default if it has one; undefined if it is no wrapper. */
export function innerOf(
  schema: z.core.$ZodType,
): { readonly schema: z.core.$ZodType; readonly fallback?: unknown } | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { schema: schema.unwrap(), fallback: schema.def.defaultValue };
  }
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodCatch
  ) {
    return { schema: schema.unwrap() };
  }
  return undefined;
}
