// The modules that are mutated, and their mutants with places and stable ids.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { mutantsOf } from './operators.mjs';

export const FOLDERS = ['kernel', 'network', 'wire', 'compute', 'learning', 'metrics'];

export const digest = (...texts) => createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16);

/** All JavaScript files of a folder, as `dist/src/…`. */
export function scriptsIn(root, folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.js'))
    .sort();
}

export const isTest = (path) => path.endsWith('.test.js');

/**
 * The mutants of a compiled module with `path` and `line` in TypeScript, where the source map has them. The id depends on the path, the
 * operator, the texts, and which of equal ones it is; not on the line.
 */
function placed(module, source, map) {
  const { mutants, guards } = mutantsOf(source);
  const lines = source.split('\n');
  const ends = [];
  for (const { length } of lines) ends.push((ends.at(-1) ?? -1) + length + 1);
  const sourceMap = map === undefined ? undefined : new SourceMap(map);
  const path = module.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  const ordinals = new Map();
  const list = mutants.map((mutant) => {
    const row = ends.findIndex((end) => mutant.start <= end);
    const column = mutant.start - (ends[row - 1] ?? -1) - 1;
    const line = (sourceMap?.findEntry(row, column).originalLine ?? row) + 1;
    const key = [path, mutant.operator, mutant.original, mutant.mutant].join('\0');
    const ordinal = ordinals.get(key) ?? 0;
    ordinals.set(key, ordinal + 1);
    return { ...mutant, id: digest(key, String(ordinal)).slice(0, 10), module, path, line };
  });
  return { mutants: list, guards };
}

/** All mutants of folders of a build. */
export function allMutants(root, folders = FOLDERS) {
  const modules = folders
    .flatMap((folder) => scriptsIn(root, `dist/src/${folder}`))
    .filter((path) => !isTest(path));
  const each = modules.map((module) => {
    const source = readFileSync(join(root, module), 'utf8');
    const map = join(root, `${module}.map`);
    return placed(module, source, existsSync(map) ? JSON.parse(readFileSync(map, 'utf8')) : undefined);
  });
  return {
    mutants: each.flatMap(({ mutants }) => mutants),
    guards: each.reduce((sum, { guards }) => sum + guards, 0),
  };
}

export const folderOf = ({ path }) => path.split('/')[1];

/** `count` mutants, as many from each folder as it has and an even share allows; which ones depends on ids and seed alone. */
export function sample(mutants, seed, count) {
  const folders = FOLDERS.map((folder) =>
    mutants
      .filter((mutant) => folderOf(mutant) === folder)
      .map((mutant) => ({ mutant, draw: digest(String(seed), mutant.id) }))
      .sort((a, b) => (a.draw < b.draw ? -1 : 1)),
  );
  const drawn = [];
  for (let k = 0; drawn.length < Math.min(count, mutants.length); k++)
    for (const folder of folders) if (k < folder.length && drawn.length < count) drawn.push(folder[k].mutant);
  return drawn;
}

/** What a person reads of a mutant. */
export function shown({ path, line, operator, original, mutant, id }) {
  const short = (text) => {
    const flat = text.replace(/\s+/g, ' ');
    return flat.length > 70 ? `${flat.slice(0, 34)} … ${flat.slice(-33)}` : flat;
  };
  return `${path}:${line}  ${operator}  ${short(original)} → ${short(mutant)}  [${id}]`;
}
