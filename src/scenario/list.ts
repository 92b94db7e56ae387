/** What `mycel list` shows: every entry with its options, found from the schemas that validate them. */
import { z } from 'zod';
import { COUNT_MAX } from '../options/index.js';
import { lists } from './lists.js';

/** One option of an entry. @public */
export interface ListedOption {
  readonly name: string;
  /** The values that it accepts: `duration, such as "35ms"`, `whole number ≥ 1`, `true | false`, `optimizer: sgd | adam`. */
  readonly type: string;
  /** As a scenario would state it; undefined if there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly description: string;
}

/** One entry of a list. @public */
export interface ListedEntry {
  readonly id: string;
  readonly description: string;
  readonly reference: string | undefined;
  readonly options: readonly ListedOption[];
}

/** The kinds of things that a scenario can name. @public */
export type EntryKind = keyof typeof lists;

/** Every kind, in the order of a scenario's sections. @public */
export const entryKinds = Object.keys(lists) as readonly EntryKind[];

/** The entries of a kind, in the order of their list. @public */
export function listEntries(kind: EntryKind): ListedEntry[] {
  return lists[kind].entries.map((entry) => ({
    id: entry.id,
    description: entry.description,
    reference: entry.reference,
    options: optionsOf(entry.options),
  }));
}

/** The part of JSON Schema that is used here. */
interface JsonSchema {
  readonly type?: string;
  readonly unit?: string;
  /** The list from which an option chooses. */
  readonly choice?: { readonly what: string; readonly names: readonly string[] };
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

function optionsOf(schema: z.ZodType): ListedOption[] {
  return optionsOfJson(toJson(schema));
}

function toJson(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
}

function optionsOfJson(json: JsonSchema): ListedOption[] {
  return Object.entries(json.properties ?? {}).map(([name, option]) => ({
    name,
    type: typeOf(option),
    default: option.default === undefined ? undefined : plain(option.default),
    required: json.required?.includes(name) ?? false,
    description: option.description ?? '',
  }));
}

function typeOf(json: JsonSchema): string {
  if (json.unit !== undefined) return json.unit;
  // `codec: float32 | float16 | top-k`.
  if (json.choice !== undefined) return `${json.choice.what}: ${json.choice.names.join(' | ')}`;
  if (json.const !== undefined) return plain(json.const);
  if (json.enum) return json.enum.map(plain).join(' | ');
  const branches = json.anyOf ?? json.oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(' | ');
  switch (json.type) {
    case 'integer':
      return `whole number${bounds(json)}`;
    case 'number':
      return `number${bounds(json)}`;
    case 'boolean':
      return 'true | false';
    case 'string':
      return 'text';
    case 'array':
      return json.items ? `list of ${typeOf(json.items)}` : 'list';
    case 'object':
      return mapType(json);
    default:
      return 'value';
  }
}

function mapType(json: JsonSchema): string {
  const keys = Object.entries(json.properties ?? {}).map(([key, value]) =>
    value.const === undefined ? key : `${key}: ${plain(value.const)}`,
  );
  if (keys.length > 0) return `{ ${keys.join(', ')} }`;
  return typeof json.additionalProperties === 'object'
    ? `map of ${typeOf(json.additionalProperties)}`
    : 'map';
}

function bounds(json: JsonSchema): string {
  const limits: string[] = [];
  if (json.exclusiveMinimum !== undefined) limits.push(`> ${json.exclusiveMinimum}`);
  else if (json.minimum !== undefined && json.minimum > Number.MIN_SAFE_INTEGER)
    limits.push(`≥ ${json.minimum}`);
  if (json.exclusiveMaximum !== undefined) limits.push(`< ${json.exclusiveMaximum}`);
  else if (json.maximum !== undefined && json.maximum < COUNT_MAX) limits.push(`≤ ${json.maximum}`);
  return limits.length > 0 ? ` ${limits.join(', ')}` : '';
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
