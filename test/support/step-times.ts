/** Devices on which a step on a quadratic takes given times. */
import { z } from 'zod';
import { runOnQuadratics } from './quadratic-runs.js';

/** The section `compute` of nodes that take these times, in ms of virtual time, for a step on a quadratic of one param. */
export async function stepTimes(...times: number[]) {
  const flops = await flopsOfStep();
  return {
    use: {
      id: 'given',
      description: 'given times',
      options: z.strictObject({}),
      speeds: () => Float64Array.from(times, (time) => (1000 * flops) / time),
    },
  };
}

async function flopsOfStep(): Promise<number> {
  const rows = [
    [1, 0],
    [1, 0],
  ];
  const run = await runOnQuadratics({
    rows,
    algorithm: { use: 'local-only' },
    topology: 'ring',
    stop: { after: '1 round' },
  });
  return run.result.work.flops / run.result.work.steps;
}
