// Scenario texts with mistakes: of people, editors and attackers. They load or are refused with the place of the mistake, in the time and the
// memory that a scenario may take.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginError, UsageError } from '../../dist/src/errors.js';
import { readScenario, withPlace } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';
import { tryOut } from '../../dist/src/simulation/try-out.js';
import { expect } from './support/inputs.mjs';
import { run } from './support/mycel.mjs';
import { drawOverrides, drawScenario } from './support/scenario-texts.mjs';

const root = fileURLToPath(new URL('../../scenarios', import.meta.url));
/** Memory for a scenario that is tried as far as the first states of its nodes. */
const MEMORY = 400e6;
/** One input of so many goes to the command in a process of its own. */
const BY_COMMAND = 500;

export default {
  name: 'scenarios',
  runs: 30_000,
  short: 50,
  async open({ folder }) {
    const files = readdirSync(root, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.yaml'))
      .sort();
    const texts = files.map((name) => readFileSync(join(root, name), 'utf8'));
    return {
      async try(draw, { index, keep }) {
        const text = drawScenario(draw, texts);
        const set = drawOverrides(draw);
        // Relative paths start beside the committed scenarios, so that modules are found.
        const file = join(root, 'fuzzed.yaml');
        keep('scenario.yaml', text);
        keep('set.json', JSON.stringify(set));
        return index % BY_COMMAND === BY_COMMAND - 1
          ? byCommand(text, set, folder)
          : inProcess(draw, { text, set, file });
      },
    };
  },
};

async function inProcess(draw, { text, set, file }) {
  let scenario;
  try {
    scenario = await readScenario(text, file, { set });
  } catch (error) {
    expectPlaced(error, file, set);
    return 'refused';
  }
  const plans = planScenario(scenario);
  // Images take most of the time.
  if (draw.chance(/"use":"mnist"/.test(JSON.stringify(plans[0].resolved)) ? 0.02 : 0.2))
    return tried(draw.pick(plans), file, set);
  return 'accepted';
}

/** As `mycel validate`, with little memory. */
async function tried(plan, file, set) {
  try {
    await tryOut(plan, { backend: 'cpu', workers: 0, memory: MEMORY });
    return 'accepted';
  } catch (error) {
    // Where a scenario names a module of the user's, its mistakes are the module's.
    if (error instanceof PluginError && JSON.stringify(plan.resolved).includes('"use":"./')) return 'refused';
    const placed = withPlace(error, plan.variant);
    expect(placed instanceof UsageError, () => `expected a UsageError, got ${error?.stack ?? error}`);
    expect(
      placed.message.length > 10 && placed.message.length < 20_000,
      `expected a message, got ${placed.message}`,
    );
    if (placed !== error) expectPlaced(placed, file, set);
    else expect(placed.path !== '', `expected a place, got none: ${placed.message}`);
    return 'refused';
  }
}

/** A place: the line and column of the file, or the override. */
function expectPlaced(error, file, set) {
  expect(error instanceof UsageError, () => `expected a UsageError, got ${error?.stack ?? error}`);
  const { message } = error;
  const isPlaced = (line) =>
    line.startsWith(`${file}:`) ? /^:\d+:\d+ \S/.test(line.slice(file.length)) : line.startsWith('… and ');
  // What stands in an override may have several lines.
  const ofOverride = message.includes('--set ') && set.length > 0;
  expect(
    ofOverride || message.split('\n').every(isPlaced),
    `expected a place in every line, got: ${message}`,
  );
  expect(message.length < 200_000, `expected a message that can be read, got ${message.length} characters`);
}

async function byCommand(text, set, folder) {
  const path = join(folder, 'fuzzed.yaml');
  writeFileSync(path, text);
  const flags = set.filter((one) => !one.includes('\0')).flatMap((one) => [`--set=${one}`]);
  const { code, signal, err } = await run('supervised', ['validate', path, ...flags], {
    cwd: folder,
    flags: ['--max-old-space-size=600'],
  });
  expect(
    code === 0 || code === 2,
    `validate: expected exit code 0 or 2, got ${code ?? signal}: ${err.slice(-2000)}`,
  );
  expect(code === 0 || err.trim() !== '', 'validate: expected a message');
  return code === 0 ? 'accepted' : 'refused';
}
