/** The text of a scenario file in YAML (which includes JSON), read with the position of every value. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Path } from '../options/path.js';

/** Line and column, both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** A scenario as its text states it. */
export interface ScenarioText {
  /** Plain data: maps, lists, scalars. */
  readonly value: unknown;
  /** The mistakes in the text itself; `value` is undefined if there are any. */
  readonly faults: readonly { readonly at: Position; readonly message: string }[];
  /** The position of the value or key at `path`; if it does not exist, that of the innermost value around it. */
  locate(path: Path, what: 'key' | 'value'): Position;
}

const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'expected one document, got a second one',
  TAB_AS_INDENT: 'expected spaces as indentation, got a tab',
};

/** Reads YAML 1.2 or JSON. Never throws: mistakes in the text are in `faults`. */
export function readText(text: string): ScenarioText {
  const lines = new LineCounter();
  const { value, faults, document } = readYaml(text, lines);
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    value,
    faults: faults.map(({ offset, message }) => ({ at: position(offset), message })),
    locate: (path, what) => position(document ? offsetOf(document, path, what) : 0),
  };
}

/** A mistake in YAML, with its place as a number of characters from the start. */
interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** Longest text that is read. */
const LENGTH_MAX = 4e6;

/** Deepest nesting that is read; the parser would end the process on some 10,000 levels. */
const DEPTH_MAX = 500;

/** What makes a text too large for the parser. */
function excess(text: string): Fault | undefined {
  if (text.length > LENGTH_MAX) {
    const message = `expected a text of at most ${LENGTH_MAX} characters, got ${text.length}`;
    return { offset: 0, message };
  }
  const deep = (offset: number): Fault => ({
    offset,
    message: `expected values nested at most ${DEPTH_MAX} deep`,
  });
  let depth = 0;
  // Brackets in strings and comments count too, which does not matter at such depths.
  for (const { 0: mark, index } of text.matchAll(/[[{}\]]|^(?:[ \t]*[-?](?=[ \t]))+/gm)) {
    if (mark === '[' || mark === '{') depth++;
    else if (mark === ']' || mark === '}') depth = Math.max(0, depth - 1);
    if (depth > DEPTH_MAX || mark.length > 2 * DEPTH_MAX) return deep(index);
  }
  const indented = new RegExp(`^ {${DEPTH_MAX}}`, 'm').exec(text);
  return indented ? deep(indented.index) : undefined;
}

/** The value of a text in YAML; undefined where there are faults. Never throws. */
export function readYaml(
  text: string,
  lineCounter = new LineCounter(),
): { readonly value: unknown; readonly faults: readonly Fault[]; readonly document?: Document.Parsed } {
  const fault = excess(text);
  if (fault) return { value: undefined, faults: [fault] };
  try {
    // Its own check for repeated keys takes minutes for a map of 50,000.
    const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
    const faults = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
      offset: pos[0],
      message: MESSAGES[code] ?? `expected valid YAML, got: ${message}`,
    }));
    faults.push(...badKeys(document));
    if (faults.length === 0) faults.push(...circles(document));
    return { value: faults.length === 0 ? document.toJS() : undefined, faults, document };
  } catch (error) {
    // An alias of nothing, too many aliases, or lists nested too deeply for the parser.
    return {
      value: undefined,
      faults: [{ offset: 0, message: `expected valid YAML, got: ${reasonOf(error)}` }],
    };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof RangeError ? 'values nested too deeply' : (error as Error).message;
}

/** Keys that are maps or lists, which plain data cannot have, and keys that their map has already: `1` and `"1"` are the same. */
function badKeys(document: Document.Parsed): Fault[] {
  const found: Fault[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const offset = (key as Node | null)?.range?.[0] ?? 0;
        if (isMap(key) || isSeq(key)) {
          // Not by its text, which for keys in keys in keys takes seconds.
          const message = `expected a key that is text, got a ${isMap(key) ? 'map' : 'list'}`;
          found.push({ offset, message });
          continue;
        }
        const name = nameOf(key);
        if (seen.has(name))
          found.push({ offset, message: 'expected every key once, got this key a second time' });
        seen.add(name);
      }
    },
  });
  return found;
}

/** A key as plain data have it. */
function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** Aliases of what they are in. */
function circles(document: Document.Parsed): Fault[] {
  const found: Fault[] = [];
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document);
      if (target !== undefined && (path as readonly (Node | Pair | Document)[]).includes(target))
        found.push({
          offset: alias.range?.[0] ?? 0,
          message: `expected an alias of another value, got *${alias.source}, which is a part of itself`,
        });
    },
  });
  return found;
}

function offsetOf(document: Document.Parsed, path: Path, what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => nameOf(item.key) === String(key));
      if (!pair) return offset;
      const keyOffset = (pair.key as Node | null)?.range?.[0] ?? offset;
      if (what === 'key' && depth === path.length - 1) return keyOffset;
      // The null of a key without a value is just behind the colon: the key is the better place.
      const isEmpty = isScalar(pair.value) && pair.value.value === null && pair.value.source === '';
      offset = isEmpty ? keyOffset : ((pair.value as Node | null)?.range?.[0] ?? keyOffset);
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}
