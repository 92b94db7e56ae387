/** The public interface, read from the sources: what each entry point exports, and what its docstrings say. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { namesOf, projectRoot, withoutText } from '../tidy/source.js';

const root = projectRoot();

/** A name that users can import. */
export interface PublicName {
  /** As users write it: `run`, and `option.duration` for what is in a namespace. */
  readonly name: string;
  /** Where it is declared: a path from the root, or the name of a package. */
  readonly file: string;
  /** Its name there. */
  readonly original: string;
  readonly kind: string;
  /** The text of its docstring; empty where there is none. */
  readonly docstring: string;
}

/** What a user imports from, and what is there. */
interface EntryPoint {
  /** `mycel/plugin`. */
  readonly specifier: string;
  readonly file: string;
  /** The docstring of the file. */
  readonly docstring: string;
  readonly names: readonly PublicName[];
}

/** The entry points of package.json, in their order. */
export function entryPoints(): EntryPoint[] {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types?: string }> };
  return Object.entries(exports).flatMap(([path, { types }]) => {
    if (types === undefined) return [];
    const file = posix.normalize(types).replace(/^dist\/(.*)\.d\.ts$/, '$1.ts');
    const docstring = cleaned(/^\/\*\*([\s\S]*?)\*\//.exec(read(file))?.[1] ?? '');
    return [{ specifier: posix.join('mycel', path), file, docstring, names: publicNames(file, '') }];
  });
}

/** A file of the project. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The first sentence of a docstring, without tags and links. */
export function firstSentence(docstring: string): string {
  const text = docstring
    .replace(/\s*(^|\s)@\w+[\s\S]*$/, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

/**
 * The declarations of other files, and the exported ones of its own, that the declaration of a name mentions: read from
 * the `.d.ts`, where bodies of functions are gone.
 */
export function typesBehind({ file, original }: PublicName): { file: string; original: string }[] {
  const text = withoutText(read(`dist/${file.replace(/\.ts$/, '.d.ts')}`), { strings: false });
  const { exported, taken } = namesOf({ path: file, text });
  const from = new Map(
    [...exported.filter((name) => name.from === undefined), ...taken].map((name) => [name.name, name]),
  );
  const declarations = text.split(
    /^(?=(?:export |declare )*(?:abstract )?(?:const|function|class|interface|type|import|export) ?)/m,
  );
  const own = declarations.filter((part) =>
    new RegExp(`^[a-z ]*(?:const|function|class|interface|type) ${original}\\b`).test(part),
  );
  const mentioned = new Set(own.flatMap((part) => part.match(/\b[A-Za-z_]\w*\b/g) ?? []));
  return [...mentioned].flatMap((word) => {
    const name = from.get(word);
    if (name === undefined || word === original || name.from?.startsWith('.') === false) return [];
    return declarationOf(name.from === undefined ? file : pathOf(file, name.from), name.original);
  });
}

function publicNames(file: string, prefix: string): PublicName[] {
  return namesOf({ path: file, text: read(file) }).exported.flatMap(({ name, original, from }) => {
    const target = from === undefined ? file : pathOf(file, from);
    if (original === '*') return publicNames(target, `${name}.`);
    return [{ ...declarationOf(target, original), name: prefix + name }];
  });
}

/** Follows re-exports to the file with the declaration. */
function declarationOf(file: string, original: string): Omit<PublicName, 'name'> {
  if (!file.endsWith('.ts')) return { file, original, kind: 'package', docstring: '' };
  const text = read(file);
  const declaration = new RegExp(
    `^export (?:declare |abstract |async )*(const|let|function\\*?|class|interface|type|enum) ${original}\\b`,
    'm',
  ).exec(text);
  if (declaration !== null) {
    const docstring = docstringBefore(text.slice(0, declaration.index));
    return { file, original, kind: declaration[1]!, docstring };
  }
  const passed = namesOf({ path: file, text }).exported.find(({ name }) => name === original);
  if (passed?.from === undefined) throw new Error(`${file} does not export ${original}`);
  return declarationOf(pathOf(file, passed.from), passed.original);
}

/** The docstring at the end of a text; comments for tools may stand between it and the declaration. */
function docstringBefore(text: string): string {
  const end = text.replace(/(\s*\/\/[^\n]*)*\s*$/, '');
  if (!end.endsWith('*/')) return '';
  return cleaned(end.slice(end.lastIndexOf('/**') + 3, -2));
}

function cleaned(comment: string): string {
  return comment.replace(/^[ \t]*\*? ?/gm, '').trim();
}

function pathOf(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}
