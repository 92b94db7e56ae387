/**
 * GML, the Graph Modelling Language: nested lists of keys with values. Reads what the format's description allows and nothing
 * else; what the keys mean is for the caller.
 *
 * M. Himsolt, "GML: A portable Graph File Format", University of Passau, 1997.
 */
import { UsageError } from '../../errors.js';

/** A key with its value, and the line in which the key stands. */
export interface GmlItem {
  readonly key: string;
  readonly value: GmlValue;
  /** From 1. */
  readonly line: number;
}

/** A number, a text, or a list of items. */
type GmlValue = number | string | readonly GmlItem[];

/** Lists within lists, at most. */
const DEPTH_MAX = 100;

const SPACE = /(?:\s+|#[^\n]*)*/y;
const KEY = /[A-Za-z][A-Za-z0-9_]*/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=[\s\]#]|$)/y;
const TEXT = /"([^"]*)"/y;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };

/** The items of a GML text. Throws a UsageError `bad-gml` with `file` and line. */
export function parseGml(text: string, file: string): readonly GmlItem[] {
  const reader = new GmlReader(text, file);
  return reader.list(0);
}

/** A place in the text, which moves on. */
class GmlReader {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  /** Items up to the end of a list, or of the text. */
  list(depth: number): GmlItem[] {
    if (depth > DEPTH_MAX) throw this.#refuse(`at most ${DEPTH_MAX} lists within each other`);
    const items: GmlItem[] = [];
    for (;;) {
      this.#take(SPACE);
      if (this.#at === this.#text.length) {
        if (depth > 0) throw this.#refuse('"]", which ends a list');
        return items;
      }
      if (this.#text[this.#at] === ']') {
        if (depth === 0) throw this.#refuse('a key, since all lists are closed');
        this.#at++;
        return items;
      }
      const line = this.#line;
      const key = this.#take(KEY);
      if (key === undefined) throw this.#refuse('a key (letters, digits and "_")');
      if (this.#take(SPACE)![0] === '' && !/["[]/.test(this.#text[this.#at] ?? ''))
        throw this.#refuse(`a space after the key "${key[0]}"`);
      items.push({ key: key[0], value: this.#value(key[0], depth), line });
    }
  }

  #value(key: string, depth: number): GmlValue {
    if (this.#text[this.#at] === '[') {
      this.#at++;
      return this.list(depth + 1);
    }
    const number = this.#take(NUMBER);
    if (number) return Number(number[0]);
    const text = this.#take(TEXT);
    if (text) return decode(text[1]!);
    throw this.#refuse(`a number, a text in double quotes or a list as the value of "${key}"`);
  }

  /** What the pattern matches here, after which the place is behind it. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at = pattern.lastIndex;
    for (const character of match[0]) if (character === '\n') this.#line++;
    return match;
  }

  #refuse(expected: string): UsageError {
    const found = /^[^\s\]]{1,20}|^\]|^$/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    const got = found === '' ? 'the end' : JSON.stringify(found);
    return new UsageError('bad-gml', `${this.#file}:${this.#line}: expected ${expected}, got ${got}`);
  }
}

/** Entities are replaced; an ampersand that begins none stays. */
function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|([a-z]+));/g, (whole, code, name) => {
    if (code !== undefined) return Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole;
    return ENTITIES[name] ?? whole;
  });
}
