/** A list of a GML file by its keys; mistakes in it are reported with file and line. */
import { quoted } from '../../errors.js';
import { type NamedFile, wrongFile } from '../../files/named-file.js';
import { type GmlItem, parseGml } from '../../topology/files/gml.js';

/** Pairs of keys and values; a key may occur more than once. */
export class GmlList {
  readonly #file: NamedFile;
  readonly #items: readonly GmlItem[];
  /** From 1. */
  readonly #line: number;

  constructor(file: NamedFile, items: readonly GmlItem[], line = 1) {
    this.#file = file;
    this.#items = items;
    this.#line = line;
  }

  /** The pairs of a whole file. Throws a UsageError with file and line where the text is not GML. */
  static read(text: string, file: NamedFile): GmlList {
    return new GmlList(file, parseGml(text, file.name));
  }

  /** The number or text of the first of these keys that is there; undefined where there is none. */
  value(...keys: readonly string[]): number | string | undefined {
    const value = this.#items.find(({ key }) => keys.includes(key))?.value;
    return typeof value === 'object'
      ? this.refuse(`expected a number or a text as ${keys[0]}, got a list`)
      : value;
  }

  /** All lists of a key. Throws a UsageError where one of its values is no list. */
  lists(wanted: string): GmlList[] {
    return this.#items.flatMap(({ key, value, line }) => {
      if (key !== wanted) return [];
      if (typeof value === 'object') return [new GmlList(this.#file, value, line)];
      return this.refuse(`expected ${wanted} [ … ], got ${quoted(String(value))}`, line);
    });
  }

  /** Throws a UsageError with the file and a line, by default that of this list. */
  refuse(message: string, line = this.#line): never {
    throw wrongFile(this.#file, `${this.#file.name}:${line}: ${message}`);
  }
}
