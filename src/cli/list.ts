/** `mycel list`: the entries that a scenario can name. */
import { nearestName, quoted, UsageError, unknownName } from '../errors.js';
import { formatTable } from '../report/index.js';
import {
  type EntryKind,
  entryKinds,
  type ListedEntry,
  type ListedOption,
  listEntries,
} from '../scenario/list.js';
import { invariants } from '../testing/invariants.js';

/** Where a scenario names each kind. */
export const places: Readonly<Record<EntryKind, string>> = {
  algorithms: 'algorithm',
  topologies: 'topology',
  'mixing-rules': 'algorithm.mixing',
  sources: 'data',
  splits: 'data.split',
  models: 'model',
  layers: 'model.layers, for cnn',
  optimizers: 'algorithm.optimizer',
  profiles: 'compute',
  latencies: 'network.latency',
  sharing: 'network.sharing',
  transports: 'network.transport',
  codecs: 'algorithm.codec, for vectors',
  'mask-codecs': 'algorithm.codec, for masks',
  faults: 'faults',
  probes: 'measure.probes',
};

/** The text about all kinds, about one kind, or about one entry of a kind. Throws UsageError for an unknown name. */
export function listCommand(kind?: string, name?: string): string {
  if (kind === undefined) return entryKinds.map(overview).join('\n\n');
  if (kind === 'invariants') return invariantsText(name);
  if (!isKind(kind)) return withoutKind(kind);
  const entries = listEntries(kind);
  if (name === undefined) return [heading(kind), ...entries.map(details)].join('\n\n');
  const entry = entries.find(({ id }) => id === name);
  if (!entry) {
    throw unknownName(
      `entry of ${kind}`,
      name,
      entries.map(({ id }) => id),
    );
  }
  return details(entry);
}

/** The entries of a name in all kinds, each under its kind. Throws UsageError where none has the name. */
function withoutKind(name: string): string {
  const named = entryKinds.flatMap((kind) =>
    listEntries(kind).flatMap((entry) => (entry.id === name ? [`${heading(kind)}\n${details(entry)}`] : [])),
  );
  if (named.length > 0) return named.join('\n\n');
  const kinds = [...entryKinds, 'invariants'];
  const near = nearestName(name, [
    ...kinds,
    ...entryKinds.flatMap((kind) => listEntries(kind).map(({ id }) => id)),
  ]);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(
    'unknown-name',
    `unknown kind or entry ${quoted(name)}.${hint} Known kinds: ${kinds.join(', ')}`,
  );
}

/** What `mycel check` checks. */
function invariantsText(name: string | undefined): string {
  const wanted = invariants.filter(({ id }) => name === undefined || id === name);
  if (wanted.length === 0) {
    throw unknownName(
      'invariant',
      name!,
      invariants.map(({ id }) => id),
    );
  }
  return wanted.map(({ id, says }) => `${id}\n  ${says}`).join('\n');
}

function isKind(name: string): name is EntryKind {
  return (entryKinds as readonly string[]).includes(name);
}

function heading(kind: EntryKind): string {
  return `${kind} (${places[kind]})`;
}

function overview(kind: EntryKind): string {
  const entries = listEntries(kind);
  const width = Math.max(...entries.map(({ id }) => id.length));
  return [
    heading(kind),
    ...entries.map(({ id, description }) => `  ${id.padEnd(width)}  ${description}`.trimEnd()),
  ].join('\n');
}

function details(entry: ListedEntry): string {
  const lines = [[entry.id, entry.description].filter((text) => text !== '').join(': ')];
  if (entry.reference !== undefined) lines.push(`  reference: ${entry.reference}`);
  if (entry.options.length === 0) lines.push('  no options');
  else lines.push(indented(optionTable(entry.options)));
  return lines.join('\n');
}

function optionTable(options: readonly ListedOption[]): string {
  const left = (title: string) => ({ title, align: 'left' as const });
  return formatTable(
    [left('option'), left('value'), left('default'), left('meaning')],
    options.map((option) => [
      option.name,
      option.type,
      option.default ?? (option.required ? '(required)' : '–'),
      option.description,
    ]),
  ).trimEnd();
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
