/** `--set path=value`: overrides that reach any place of a scenario. */
import { parseDocument } from 'yaml';
import { UsageError } from '../errors.js';
import { formatPath, parsePath, withValue } from '../options/index.js';
import type { Origin } from './source.js';

/**
 * The scenario's value with the overrides applied in their order, and their origins. The value is read as YAML
 * (`network.drop=1%`, `topology={use: ring}`); an empty one takes the key away. Throws UsageError.
 */
export function applyOverrides(
  root: unknown,
  overrides: readonly string[],
): { readonly root: unknown; readonly origins: readonly Origin[] } {
  const origins: Origin[] = [];
  for (const override of overrides) {
    const { path, value } = parseOverride(override);
    const result = withValue(root, path, value);
    if ('blocked' in result) {
      throw bad(
        override,
        `expected a map or a list with that index at ${formatPath(result.blocked)}; set the whole of it instead`,
      );
    }
    root = result.root;
    origins.push({ path, from: { set: override } });
  }
  return { root, origins };
}

function parseOverride(override: string): { readonly path: readonly string[]; readonly value: unknown } {
  const equals = override.indexOf('=');
  const path = equals > 0 ? parsePath(override.slice(0, equals)) : undefined;
  if (path === undefined) throw bad(override, 'expected path=value, such as network.drop=1%');
  const document = parseDocument(override.slice(equals + 1), { prettyErrors: false });
  const fault = [...document.errors, ...document.warnings][0];
  if (fault) throw bad(override, `expected a value in YAML, got: ${fault.message}`);
  return { path, value: document.toJS() ?? undefined };
}

function bad(override: string, message: string): UsageError {
  return new UsageError('bad-override', `--set ${override}: ${message}`);
}
