/** The other process of `mycel check`: runs each scenario that it gets, and answers with what came out. */

import { CHECKED, runToEnd } from '../testing/run.js';
import { planFor } from '../testing/scenario-check.js';

/** A job, numbered. */
interface Job {
  readonly number: number;
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly file: string;
  readonly directory: string;
}

process.on('message', async ({ number, scenario, file, directory }: Job) => {
  try {
    const { result } = await runToEnd(await planFor(scenario, { file, directory }), CHECKED);
    const { fingerprints, events, time } = result;
    process.send!({ number, outcome: { ...fingerprints, events, time } });
  } catch (error) {
    process.send!({ number, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches all processes of a terminal, and SIGTERM all of a group; the first one decides.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
