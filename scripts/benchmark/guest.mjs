// A method of somebody’s own in the worlds of the benchmark: set up by the options that it has.
import { pathToFileURL } from 'node:url';
import { METHODS, stepsOf } from './methods.mjs';

/** The method in a module, as an entry of METHODS, and its id. Throws where the module has no algorithm. */
export async function guestMethod(path) {
  const { default: algorithm, tuned: own } = await import(pathToFileURL(path).href);
  const shape = algorithm?.options?.shape;
  if (typeof algorithm?.id !== 'string' || shape === undefined)
    throw new Error(
      `${path}: expected a default export that is an algorithm, with id and options (docs/plugins.md)`,
    );
  const has = (option) => option in shape;
  const setup = (world) => ({
    algorithm: {
      ...(has('batch') && { batch: world.batch }),
      ...(has('localEpochs') ? { localEpochs: world.epochs } : has('localSteps') && { localSteps: 1 }),
      ...(has('learningRate') && { learningRate: 0.1 }),
    },
    // Without rounds of epochs a round is taken as one step.
    rounds: has('localEpochs') ? world.passes / world.epochs : stepsOf(world),
  });
  for (const [option, values] of Object.entries(own ?? {}))
    if (!Array.isArray(values))
      throw new Error(
        `${path}: tuned: expected a list of values of ${option}, each of which is tried, got ${JSON.stringify(values)}`,
      );
  const tuned = has('learningRate') ? METHODS['local-only'].tuned : {};
  const server = Object.keys(algorithm.roles ?? {}).length > 0;
  return { id: algorithm.id, method: { use: path, setup, tuned: { ...tuned, ...own }, server } };
}
