// One run of a scenario, alone in its process: `node run-scenario.mjs '{"file": …, "set": […], "backend": …, "workers": …}'`
// prints one line of JSON. So the peak memory is that of this run, and no earlier run has warmed anything.
import { loadScenario } from '../../../dist/src/scenario/load.js';
import { planScenario } from '../../../dist/src/scenario/plan.js';
import { Simulation } from '../../../dist/src/simulation/simulation.js';

const { file, set, backend, workers } = JSON.parse(process.argv[2]);
const [plan] = planScenario(await loadScenario(file, { set }));
const started = performance.now();
const simulation = await Simulation.create(plan, { backend, workers });
try {
  const ready = performance.now();
  for await (const update of simulation.run()) void update;
  const ended = performance.now();
  const { stopped, rounds, traffic, final, fingerprints } = simulation.result();
  const { degree } = plan.topology.options;
  const messages = plan.nodes * degree * plan.stop.after;
  if (stopped !== 'rounds' || rounds !== plan.stop.after || traffic.messages.delivered !== messages)
    throw new Error(
      `expected ${plan.stop.after} rounds and ${messages} messages, got ${rounds} (${stopped})`,
    );
  const report = {
    setUpSeconds: (ready - started) / 1000,
    seconds: (ended - ready) / 1000,
    steps: plan.nodes * rounds * plan.algorithm.options.localSteps,
    messages,
    accuracy: final['accuracy-mean'],
    params: fingerprints.params,
    // maxRSS is in kilobytes.
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(JSON.stringify(report));
} finally {
  await simulation.close();
}
