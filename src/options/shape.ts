/** What can be read off a schema without parsing anything. */
import { z } from 'zod';

/** The keys of an object schema with their schemas, through wrappers, refinements and transforms; undefined else. */
export function shapeOf(
  schema: z.core.$ZodType | undefined,
): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema === undefined) return undefined;
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in) ?? shapeOf(schema.out);
  const inner = innerOf(schema);
  return inner && shapeOf(inner.schema);
}

/** What a wrapper is around, and what it takes in the place of nothing. */
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
