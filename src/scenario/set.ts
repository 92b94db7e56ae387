/** `--set path=value`: overrides of any value of a scenario. */
import { UsageError } from '../errors.js';
import { formatPath, parsePath, show, valueAt, withValue } from '../options/index.js';
import type { Origin } from './source.js';
import { readYaml } from './text.js';

/**
 * The scenario's value with the overrides applied in their order, and their origins. The value of an override is YAML
 * (`network.drop=1%`, `topology={use: ring}`); an empty one removes the key. Throws UsageError for an override that is
 * malformed or cannot be applied.
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
      const place = formatPath(result.blocked);
      const got = show(valueAt(root, result.blocked));
      throw bad(
        override,
        `expected a map, or a list with this index, at ${place}, got ${got}; override the whole of ${place} instead`,
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
  const { value, faults } = readYaml(override.slice(equals + 1));
  const [fault] = faults;
  if (fault) throw bad(override, fault.message);
  return { path, value: value ?? undefined };
}

function bad(override: string, message: string): UsageError {
  return new UsageError('bad-override', `--set ${override}: ${message}`);
}
