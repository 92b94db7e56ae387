/** Where the values of a scenario come from (the file, `--set`, a variant of `compare`), and messages with these places. */
import { byCodeUnit, UsageError } from '../errors.js';
import { formatPath, type Path, type Problem, startsWith } from '../options/index.js';
import type { ScenarioText } from './text.js';

/** The values at `path` and below come from another path of the file, or from a `--set`. */
export interface Origin {
  readonly path: Path;
  readonly from: { readonly path: Path } | { readonly set: string };
}

/** What is needed to name the place of a value. Later origins hide earlier ones. */
export interface Source {
  readonly file: string;
  /** Absent if the scenario was given as an object. */
  readonly text?: ScenarioText;
  readonly origins: readonly Origin[];
}

/** Whether the value at `path` was given by a `--set` at that path or above it. */
export function isSet(source: Source, path: Path): boolean {
  const origin = originOf(source, path);
  return origin !== undefined && 'set' in origin.from;
}

/** `scenarios/a.yaml:3:8 network.drop: expected a share, …`, or with `--set network.drop=…` instead of the file. */
export function formatProblem(source: Source, problem: Problem): string {
  // One line for each mistake, also where it tells of a text that has several.
  const message = problem.message.replaceAll('\n', '\\n');
  const origin = originOf(source, problem.path);
  if (origin === undefined) {
    const at = source.text?.locate(problem.path, problem.at ?? 'value');
    const place = at ? `${source.file}:${at.line}:${at.column}` : source.file;
    return `${place} ${formatPath(problem.path)}: ${message}`;
  }
  if ('set' in origin.from) return `--set ${origin.from.set} ${formatPath(problem.path)}: ${message}`;
  const moved = { ...problem, path: [...origin.from.path, ...problem.path.slice(origin.path.length)] };
  const earlier = source.origins.slice(0, source.origins.lastIndexOf(origin));
  return formatProblem({ ...source, origins: earlier }, moved);
}

/** All problems as one UsageError, in the order of the file, each line once; `more` are those that no line tells. */
export function problemsError(lines: readonly string[], more = 0): UsageError {
  const once = [...new Set(lines)].sort(byPlace);
  if (more > 0) once.push(`… and ${more} more`);
  return new UsageError('bad-scenario', once.join('\n'));
}

function originOf(source: Source, path: Path): Origin | undefined {
  return source.origins.findLast((origin) => startsWith(path, origin.path));
}

function byPlace(a: string, b: string): number {
  const [placeA, placeB] = [placeOf(a), placeOf(b)];
  return (
    byCodeUnit(placeA.file, placeB.file) ||
    placeA.line - placeB.line ||
    placeA.column - placeB.column ||
    byCodeUnit(a, b)
  );
}

function placeOf(text: string): { file: string; line: number; column: number } {
  const match = /^(.*?):(\d+):(\d+) /.exec(text);
  return match
    ? { file: match[1]!, line: Number(match[2]), column: Number(match[3]) }
    : { file: '', line: 0, column: 0 };
}
