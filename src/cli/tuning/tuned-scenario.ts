/** The scenario with the options that a search has chosen, as a file that runs. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { Method } from './search.js';

/** A method, and its whole scenario with the chosen options. */
interface Tuned {
  readonly name: string | undefined;
  readonly scenario: Readonly<Record<string, unknown>>;
}

/** What the file says of itself. */
export function tunedLines(file: string, methods: readonly Pick<Method, 'trials'>[]): string[] {
  return [`By: mycel tune ${file}`, `${trialsText(methods)} of each method, on training rows held out.`];
}

/** `16 trials`, or `10 to 12 trials` where methods have grids of different sizes. */
export function trialsText(methods: readonly Pick<Method, 'trials'>[]): string {
  const counts = methods.map(({ trials }) => trials.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${least === most ? least : `${least} to ${most}`} trials`;
}

/** YAML text. `lines`: what a comment at its beginning says. */
export function tunedScenario(methods: readonly Tuned[], lines: readonly string[]): string {
  const [first, ...others] = methods;
  const { title, seed, ...base } = first!.scenario;
  const comment = lines.map((line) => `# ${line}\n`).join('');
  if (others.length === 0) return `${comment}${stringify({ title, seed, ...base })}`;
  const sections = [...new Set(methods.flatMap(({ scenario }) => Object.keys(scenario)))].filter(
    (section) =>
      !['title', 'seed'].includes(section) &&
      others.some(({ scenario }) => !isDeepStrictEqual(scenario[section], base[section])),
  );
  const common = Object.fromEntries(Object.entries(base).filter(([section]) => !sections.includes(section)));
  const compared = methods.map(({ name, scenario }) => ({
    name,
    ...Object.fromEntries(sections.map((section) => [section, scenario[section] ?? null])),
  }));
  return `${comment}${stringify({ title, seed, ...common, compare: { scenario: compared } })}`;
}
