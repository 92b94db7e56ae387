/**
 * The key of a run: a hash of all that its result depends on. Runs with the same key have the same result, so a finished one
 * need not be computed again.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { init, parse } from 'es-module-lexer';
import { byCodeUnit } from '../errors.js';
import { isModulePath } from '../options/entry.js';
import { formatJson } from '../report/json.js';
import type { PlannedRun } from '../scenario/plan.js';
import { codeHash } from './checkpoints.js';

/** What of the execution decides bits: with TensorFlow its threads do. */
interface KeyContext {
  readonly workers: number;
}

/** 32 hexadecimal digits. */
export async function runKey(plan: PlannedRun, { workers }: KeyContext): Promise<string> {
  const hash = createHash('sha256');
  const { title: _, ...scenario } = plan.resolved as Readonly<Record<string, unknown>>;
  hash.update(formatJson({ scenario: ordered(scenario), seed: plan.seed, code: codeHash() }));
  if (plan.backend === 'tensorflow' || plan.backend === 'cpu')
    hash.update(`${plan.backend} ${tensorflowVersion()}`);
  if (plan.backend === 'tensorflow') hash.update(` ${Math.max(1, workers)} threads`);
  await init;
  for (const path of pathsIn(scenario, plan.data.directory)) {
    hash.update(`\n${relative(plan.data.directory, path)}\n`);
    for (const file of filesOf(path)) hash.update(digestOf(file));
  }
  return hash.digest('hex').slice(0, 32);
}

/** Digests of files that were read before. */
const digests = new Map<string, { readonly state: string; readonly digest: string }>();

/** SHA-256 of a file's bytes; many runs name the same data. */
function digestOf(file: string): string {
  const { size, mtimeNs, ino } = statSync(file, { bigint: true });
  const state = `${size} ${mtimeNs} ${ino}`;
  const known = digests.get(file);
  if (known?.state === state) return known.digest;
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  digests.set(file, { state, digest });
  return digest;
}

/** A copy whose keys are in the order of code units. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}

/** Files and folders that exist and that a value names: its texts that look like paths. */
function pathsIn(value: unknown, directory: string): string[] {
  if (typeof value === 'string') {
    const looksLikePath = isModulePath(value) || /[\\/.]/.test(value);
    const path = resolve(directory, value);
    return looksLikePath && value.length < 4096 && existsSync(path) ? [path] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((item) => pathsIn(item, directory));
}

const MODULE_ENDINGS = new Set(['.js', '.mjs', '.ts', '.mts']);

/** The file, what a module imports by relative paths, or all files of a folder. */
function filesOf(path: string): string[] {
  if (statSync(path).isDirectory())
    return readdirSync(path, { recursive: true })
      .map((name) => join(path, String(name)))
      .filter((file) => statSync(file).isFile())
      .sort(byCodeUnit);
  return MODULE_ENDINGS.has(extname(path)) ? modulesFrom(path) : [path];
}

function modulesFrom(path: string): string[] {
  const found = new Set([path]);
  for (const file of found) {
    for (const { specifier } of importsOf(file)) {
      if (typeof specifier !== 'string' || !/^\.{1,2}\//.test(specifier)) continue;
      const imported = resolve(dirname(file), specifier);
      if (existsSync(imported)) found.add(imported);
    }
  }
  return [...found].sort(byCodeUnit);
}

function importsOf(file: string) {
  if (!MODULE_ENDINGS.has(extname(file))) return [];
  try {
    return parse(readFileSync(file, 'utf8'))[0];
  } catch {
    // TypeScript that the lexer cannot read: its own bytes are in the key.
    return [];
  }
}

function tensorflowVersion(): string {
  const require = createRequire(import.meta.url);
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-core']) {
    try {
      return (require(`${name}/package.json`) as { version: string }).version;
    } catch {
      // Not installed.
    }
  }
  return 'none';
}
