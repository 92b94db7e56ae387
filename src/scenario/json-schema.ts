/**
 * The JSON Schema (draft 7) of scenario files, for editors: made from the schemas that check scenarios, so both know the
 * same keys, entries, units, defaults and descriptions. What depends on several values at once, and on files and modules,
 * is left to `mycel validate`.
 */
import { z } from 'zod';
import { choiceOf, innerOf, type List, MODULE_PATH } from '../options/index.js';
import { lists } from './lists.js';
import { scenarioSchema } from './schema.js';
import { sweepSchema } from './sweep.js';
import { tuneSchema } from './tune.js';

/** A node of a JSON Schema. */
type Json = Readonly<Record<string, unknown>>;

/** Definitions by name; a name stands in it before its definition is made, since entries may name each other. */
interface Making {
  readonly definitions: Map<string, Json>;
  /** Whether keys may be missing, which `compare` gives in each variant. */
  readonly isPartial: boolean;
}

/** The schema of the whole file. */
export function scenarioJsonSchema(): Json {
  const definitions = new Map<string, Json>();
  const whole = sections({ definitions, isPartial: false });
  const partial = sections({ definitions, isPartial: true });
  // Keys that make several runs of one scenario; what they change may be missing elsewhere.
  const several = Object.entries<z.core.$ZodType>(scenarioSchema.shape).filter(
    ([, schema]) => innerOf(schema)?.schema instanceof z.ZodUndefined,
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Scenario of Mycel',
    description: 'An experiment: data, model, topology, network, algorithm, and what is measured',
    type: 'object',
    if: { anyOf: several.map(([key]) => ({ required: [key] })) },
    // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
    then: partial,
    else: whole,
    definitions: Object.fromEntries(definitions),
  };
}

function sections(making: Making): Json {
  const { shape } = scenarioSchema;
  const properties = Object.entries<z.ZodType>(shape).map(([key, schema]): [string, unknown] => {
    const section = SEVERAL.get(key);
    if (section) return [key, section];
    return [key, converted(toJson(schema), making, ownKeysOf(schema))];
  });
  const { required } = toJson(scenarioSchema);
  // The seed may come from the command line.
  const needed = (required as string[]).filter((key) => key !== 'seed');
  return {
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    ...(!making.isPartial && { required: needed }),
  };
}

/** `compare: { path: [values] }`, or a list of such maps. */
const comparison: Json = (() => {
  const one = {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: { type: 'array', minItems: 2 },
  };
  const description = 'several variants of the scenario: a path such as algorithm.codec, and its values';
  return { description, anyOf: [one, { type: 'array', minItems: 1, items: one }] };
})();

/** Sections that make several runs of one scenario. */
const SEVERAL: ReadonlyMap<string, Json> = new Map([
  ['compare', comparison],
  ['sweep', toJson(sweepSchema)],
  ['tune', toJson(tuneSchema)],
]);

function toJson(schema: z.ZodType): Json {
  const options = { io: 'input', unrepresentable: 'any', reused: 'inline', target: 'draft-7' } as const;
  const { $schema: _, ...json } = z.toJSONSchema(schema, options);
  return json;
}

/** The keys of a section beside the options of its entry. */
function ownKeysOf(schema: z.core.$ZodType): z.ZodObject | undefined {
  const inner = innerOf(schema);
  return choiceOf(schema)?.own ?? (inner && ownKeysOf(inner.schema));
}

/** A schema in which every choice among entries is spelled out. */
function converted(json: unknown, making: Making, own?: z.ZodObject): unknown {
  if (Array.isArray(json)) return json.map((item) => converted(item, making));
  if (typeof json !== 'object' || json === null) return json;
  const { unit: _, choice, required, ...rest } = json as Json;
  const kept = mapped(rest, (value, key) => {
    if (LITERAL.has(key)) return value;
    return key === 'properties'
      ? mapped(value as Json, (item) => converted(item, making))
      : converted(value, making);
  });
  if (choice !== undefined) {
    const chosen = refer(choiceDefinition(choice as Choice, making, own));
    // What stands beside a $ref is ignored.
    return Object.keys(kept).length > 0 ? { ...kept, allOf: [chosen] } : chosen;
  }
  return required === undefined || making.isPartial ? kept : { ...kept, required };
}

/** Keywords whose values are no schemas. */
const LITERAL: ReadonlySet<string> = new Set(['default', 'const', 'enum']);

function mapped(json: Json, change: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, change(value, key)]));
}

/** What the schema of a choice tells of it. */
interface Choice {
  readonly what: string;
  readonly names: readonly string[];
}

/** A name alone, a map with the options of one of the entries, or a module: the definition of it, made where it is new. */
function choiceDefinition({ what, names }: Choice, making: Making, own?: z.ZodObject): string {
  const list: List = Object.values<List>(lists).find((other) => other.what === what)!;
  const isSubset = names.length < list.entries.length;
  const name = nameOf(making, list, own, isSubset ? `one-of-${names.join('-')}` : 'any');
  if (making.definitions.has(name)) return name;
  making.definitions.set(name, {});
  const references = names.map((id) => definitionOf(list, id, making, own));
  const bare = names.filter((_, i) => {
    const { required = [] } = making.definitions.get(references[i]!) as { required?: readonly string[] };
    return required.length <= 1;
  });
  const module = { type: 'string', pattern: MODULE_PATH.source, description: `a module with ${what}` };
  making.definitions.set(name, {
    anyOf: [
      ...(bare.length > 0 ? [{ type: 'string', enum: bare }] : []),
      module,
      ...references.map(refer),
      { type: 'object', properties: { use: module }, required: ['use'] },
    ],
  });
  return name;
}

const refer = (name: string): Json => ({ $ref: `#/definitions/${name}` });

function nameOf({ isPartial }: Making, { what }: List, own: z.ZodObject | undefined, last: string): string {
  const parts = [isPartial ? 'partial' : '', what, own ? 'section' : '', last];
  return parts.filter(Boolean).join('-').replaceAll(' ', '-');
}

/** Makes the definition of an entry with its options, unless it is there already. Returns its name. */
function definitionOf(list: List, id: string, making: Making, own?: z.ZodObject): string {
  const name = nameOf(making, list, own, id);
  if (making.definitions.has(name)) return name;
  making.definitions.set(name, {});
  const entry = list.entries.find((other) => other.id === id)!;
  const options = toJson(entry.options);
  const ownKeys = own ? toJson(own) : {};
  const merged = { ...(options.properties as object), ...(ownKeys.properties as object) };
  const needed = [options, ownKeys].flatMap(({ required = [] }) => required as string[]);
  making.definitions.set(name, {
    type: 'object',
    description: entry.description,
    properties: {
      use: { const: id, description: entry.description },
      ...mapped(merged, (option) => converted(option, making)),
    },
    required: ['use', ...(making.isPartial ? [] : needed)],
    additionalProperties: false,
  });
  return name;
}
