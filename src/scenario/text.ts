/** The text of a scenario file in YAML (which includes JSON), read with the position of every value. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
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
  DUPLICATE_KEY: 'expected every key once, got this key a second time',
  MULTIPLE_DOCS: 'expected one document, got a second one',
  TAB_AS_INDENT: 'expected spaces as indentation, got a tab',
};

/** Reads YAML 1.2 or JSON. Never throws: mistakes in the text are in `faults`. */
export function readText(text: string): ScenarioText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings].map((fault) => ({
    at: position(fault.pos[0]),
    message: MESSAGES[fault.code] ?? `expected valid YAML, got: ${fault.message}`,
  }));
  let value: unknown;
  try {
    value = faults.length === 0 ? document.toJS() : undefined;
  } catch (error) {
    faults.push({ at: position(0), message: `expected valid YAML, got: ${(error as Error).message}` });
  }
  return {
    value,
    faults,
    locate: (path, what) => position(offsetOf(document, path, what)),
  };
}

function offsetOf(document: Document.Parsed, path: Path, what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key),
      );
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
