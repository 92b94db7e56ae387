/** Source files as text, and what a text says once its comments and strings are put aside. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file; `path` is relative to the root of the project, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** An import or re-export. */
interface Import {
  readonly specifier: string;
  /** Gone after compiling: `import type` or `export type`. */
  readonly isType: boolean;
}

/** The directory with package.json above this file, wherever it was compiled to. */
export function projectRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    directory = parent;
  }
  return directory;
}

/** All files under `folder` with that ending, in order of their paths. */
export function readTree(root: string, folder: string, ending: string): SourceFile[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(ending))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The pages for people: markdown at the root and in docs/. */
export function readPages(root: string): SourceFile[] {
  const top = readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  return [...top, ...readTree(root, 'docs', '.md')];
}

// One alternative a kind of text. A slash opens a regular expression where a value is due: after an operator, an
// opening bracket, a comma, or `return`.
const TOKENS = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<quoted>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")`,
    String.raw`(?<=(?:[=(,:[!&|?{;+]|=>|\breturn)\s*)(?<regex>\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)`,
    String.raw`(?<mark>[\x60{}])`,
    String.raw`[^\x60{}'"/]+|\/`,
  ].join('|'),
  'g',
);

/**
 * The text with its comments emptied and, if `strings` says so, the contents of strings and regular expressions too.
 * Expressions inside template strings are code and stay. Lines stay where they are.
 */
export function withoutText(text: string, options: { strings: boolean }): string {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  const empty = (part: string) => (options.strings ? part[0] + blank(part.slice(1, -1)) + part.at(-1) : part);
  let result = '';
  // Braces that are open; true where the brace belongs to a `${` of a template string.
  const open: boolean[] = [];
  let position = 0;
  const readTemplate = () => {
    const match = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
    match.lastIndex = position;
    const part = match.exec(text)?.[0] ?? text.slice(position);
    position += part.length;
    const end = part.endsWith('`') ? '`' : '${';
    if (end === '${') open.push(true);
    result += (options.strings ? blank(part.slice(0, -end.length)) : part.slice(0, -end.length)) + end;
  };
  while (position < text.length) {
    TOKENS.lastIndex = position;
    const match = TOKENS.exec(text);
    if (match === null) break;
    position = TOKENS.lastIndex;
    const part = match[0];
    const { comment, quoted, regex, mark } = match.groups!;
    if (comment !== undefined) result += blank(part);
    else if (quoted !== undefined || regex !== undefined) result += empty(part);
    else result += part;
    if (mark === '{') open.push(false);
    if (mark === '`' || (mark === '}' && open.pop() === true)) readTemplate();
  }
  return result;
}

/** What a file imports, re-exports or imports dynamically, in order. */
export function importsOf(file: SourceFile): Import[] {
  const text = withoutText(file.text, { strings: false });
  const code = withoutText(file.text, { strings: true });
  const pattern =
    /\b(?:import|export)\s+(?:(type)\s+(?!from\b))?[\w$*{}\s,]*?\bfrom\s*(['"])|\bimport\s*\(?\s*(['"])/g;
  const imports: Import[] = [];
  for (const match of code.matchAll(pattern)) {
    const start = match.index + match[0].length;
    const end = text.indexOf(match[2] ?? match[3]!, start);
    imports.push({ specifier: text.slice(start, end), isType: match[1] !== undefined });
  }
  return imports;
}

/** A name that a file hands out or takes from another file. */
interface SharedName {
  readonly name: string;
  /** The file it comes from, as the import writes it; undefined where it is declared here. */
  readonly from?: string;
  /** Its name there, `*` for all that is there. */
  readonly original: string;
}

// A braced list, or all of a module, perhaps under a name.
const CLAUSE =
  /\b(import|export)\s+(?:type\s+(?!from\b))?(?:[\w$]+\s*,\s*)?(?:\{(?<list>[^}]*)\}|\*(?:\s+as\s+(?<namespace>[\w$]+))?)\s*from\s*(?=['"])/g;
const DECLARATION =
  /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:const|let|function\*?|class|interface|type|enum)\s+([\w$]+)/gm;

/** The names that a file exports, and those that it takes from other files by imports and re-exports. */
export function namesOf(file: SourceFile): { exported: SharedName[]; taken: SharedName[] } {
  const text = withoutText(file.text, { strings: false });
  const code = withoutText(file.text, { strings: true });
  const exported: SharedName[] = [...code.matchAll(DECLARATION)].map(([, name]) => ({
    name: name!,
    original: name!,
  }));
  const taken: SharedName[] = [];
  for (const match of code.matchAll(CLAUSE)) {
    const start = match.index + match[0].length;
    const from = text.slice(start + 1, text.indexOf(text[start]!, start + 1));
    const { list, namespace } = match.groups!;
    const names = list === undefined ? [{ name: namespace ?? '*', original: '*', from }] : listed(list, from);
    taken.push(...names);
    if (match[1] === 'export') exported.push(...names);
  }
  for (const [, from] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) {
    taken.push({ name: '*', original: '*', from: from! });
  }
  return { exported, taken };
}

function listed(list: string, from: string): SharedName[] {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [original, name] = part.split(/\s+as\s+/);
      return { name: name ?? original!, original: original!, from };
    });
}
