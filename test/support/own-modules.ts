/** Scenarios that name modules of the user's own, which a test writes into a folder of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runToEnd } from '../../src/index.js';
import { readScenario } from '../../src/scenario/load.js';
import { planScenario } from '../../src/scenario/plan.js';
import { scenarioText } from './scenario-base.js';

/** Where the modules are; removed after the tests of the file. */
export const folder = mkdtempSync(join(tmpdir(), 'mycel-own-'));
test.after(() => rmSync(folder, { recursive: true }));

/** `mycel/plugin`, as modules import it here: a string literal. */
export const PLUGIN = JSON.stringify(new URL('../../src/plugin.js', import.meta.url).href);
const MODELS = JSON.stringify(new URL('../../src/models/public.js', import.meta.url).href);

/** Writes a module and returns its `use`. */
export function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return `./${name}`;
}

/** The same network as the built-in `mlp`; `change` is code that alters the model before it is returned. */
export function modelText(change = ''): string {
  return `
import { dense, layered, relu } from ${MODELS};
import { z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'a dense network of a test',
  options: z.strictObject({ units: z.int().default(4) }),
  build(spec) {
    const [inputs] = spec.input;
    const { units } = spec.options;
    const layers = [
      dense('dense1', { inputs, outputs: units }),
      relu(units),
      dense('dense2', { inputs: units, outputs: spec.classes }),
    ];
    const model = layered(spec, layers);
    ${change}
    return model;
  },
};`;
}

/** The plan of a scenario with these sections. */
export async function planFrom(sections: Readonly<Record<string, string>>) {
  const text = scenarioText({ measure: 'measure: { probes: [accuracy, loss] }', ...sections });
  return planScenario(await readScenario(text, join(folder, 'a.yaml')))[0]!;
}

/** The parts of a run's result that do not depend on the machine. */
export async function outcome(sections: Readonly<Record<string, string>>, workers = 0) {
  const { result, samples } = await runToEnd(await planFrom(sections), { backend: 'cpu', workers });
  return { fingerprints: result.fingerprints, traffic: result.traffic, final: result.final, samples };
}

/**
 * Asserts that two runs differ in last bits at most: what is of the user's own is computed by TensorFlow.js, and what is
 * built in by step programs.
 */
export function assertNear(
  actual: Awaited<ReturnType<typeof outcome>>,
  expected: Awaited<ReturnType<typeof outcome>>,
): void {
  assert.deepEqual(actual.traffic, expected.traffic);
  assert.deepEqual(
    actual.samples.map((sample) => ({ ...sample, value: 0 })),
    expected.samples.map((sample) => ({ ...sample, value: 0 })),
  );
  for (const [i, { value }] of actual.samples.entries()) {
    const other = expected.samples[i]!.value;
    assert.ok(Math.abs(value - other) < 1e-5, `${value} is not near ${other}`);
  }
}

/** The error message of a scenario, or of its run, without the folder. */
export async function mistake(sections: Readonly<Record<string, string>>, workers = 0): Promise<Error> {
  const error = await outcome(sections, workers).then(
    () => assert.fail('it went well'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  error.message = error.message
    .replaceAll(pathToFileURL(folder).href, 'file://')
    .replaceAll(`${folder}/`, '');
  return error;
}
