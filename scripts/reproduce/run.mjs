// Computes one run in a process of its own: `node scripts/reproduce/run.mjs <scenario> <variant> <seed> <folder>`.
import { carryOut } from '../../dist/src/cli/carry-out.js';
import { silent } from '../../dist/src/cli/progress.js';
import { loadScenario } from '../../dist/src/scenario/load.js';
import { planScenario } from '../../dist/src/scenario/plan.js';

const [file, variant, seed, folder] = process.argv.slice(2);
const scenario = await loadScenario(file, { seeds: [Number(seed)] });
const plan = planScenario(scenario).find(({ variant: { name } }) => (name ?? 'run') === variant);
// With one thread: several runs go side by side.
const execution = { backend: plan.backend, workers: 0 };
const outcome = await carryOut({ plan, folder }, { execution, progress: silent, trace: false });
if (!outcome) process.exit(1);
if (outcome.result.stopped !== 'rounds') console.error(`${folder}: ended by ${outcome.result.stopped}`);
