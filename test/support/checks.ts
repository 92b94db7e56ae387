/** `mycel check` in the process of the tests, on plugins that break an invariant. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { EXIT } from '../../src/errors.js';
import { invariants } from '../../src/testing/invariants.js';
import { BROKEN } from './broken-plugins.js';
import { mycel } from './cli.js';
import { scenarioText } from './scenario-base.js';

/** `mycel check` with ten variations, unless `args` say otherwise. */
export function check(file: string, ...args: string[]): ReturnType<typeof mycel> {
  return mycel('check', file, '--runs', '10', '--quiet', ...args);
}

/** Writes a broken plugin and a scenario with it into the current folder. Returns the name of the scenario, and what is broken. */
export function writeBroken(name: string): { readonly file: string; readonly invariant: string } {
  const { section, module, invariant = name } = BROKEN[name]!;
  writeFileSync(`${name}.mjs`, module);
  const file = `${name}.yaml`;
  writeFileSync(file, scenarioText(section));
  return { file, invariant };
}

/** Checks that a broken plugin is caught, and shrunk to at most four nodes. Returns what is printed. */
export async function checkCaught(name: string): Promise<string> {
  const { file, invariant } = writeBroken(name);
  const { code, out } = await check(file);
  assert.equal(code, EXIT.differs, out);
  const { says } = invariants.find(({ id }) => id === invariant)!;
  assert.ok(out.startsWith(`${file}: the invariant "${invariant}" does NOT hold: ${says}\n`), out);
  const [, nodes, saved] = /\n {2}smallest variation found \((\d) nodes\): (\S+): mycel run/.exec(out)!;
  assert.ok(Number(nodes) <= 4, out);
  const smallest = parse(readFileSync(saved!, 'utf8')) as { nodes: number };
  assert.equal(smallest.nodes, Number(nodes));
  return out;
}
