/** Models of the user's own: in no list, but known to every thread by the module that exports them. */
import { exportOf, provide } from '../compute/modules.js';
import { lengthOf } from '../data/dataset.js';
import { callPlugin, PluginError, UsageError } from '../errors.js';
import type { ModelEntry } from './index.js';
import type { Gradient, GradientRequest, Model, ModelSpec } from './model.js';

/** Begins the name of a model without a module. */
const GIVEN = 'given:';

/**
 * Makes an entry that is in no list known to `buildModel` in this thread, and returns what its specs say under
 * `module`: the URL of the module that exports it by default, or a name where there is none.
 *
 * @throws UsageError `two-models` where another model was given with that URL
 */
export function provideModel(entry: ModelEntry, url?: string): string {
  const module = url ?? givenName(entry);
  const known = exportOf(module);
  if (known !== undefined && known !== entry) {
    throw new UsageError(
      'two-models',
      `expected one model by module, its default export, got a second one from ${module}: "${entry.id}"`,
      'model.use',
    );
  }
  provide(module, entry);
  return module;
}

/** Whether a worker thread can import the model of that spec. */
export function isImportable({ module }: ModelSpec): boolean {
  return module === undefined || !module.startsWith(GIVEN);
}

/** Two objects with one id are two models. */
function givenName(entry: ModelEntry): string {
  for (let number = 1; ; number++) {
    const name = `${GIVEN}${entry.id}${number === 1 ? '' : `#${number}`}`;
    const known = exportOf(name);
    if (known === undefined || known === entry) return name;
  }
}

/** Builds the model of a spec with a `module`. What its functions throw is a PluginError that names it and its module. */
export function buildOwnModel(spec: ModelSpec, module: string): Model {
  const what = `model "${spec.use}" (${module})`;
  const entry = exportOf(module) as ModelEntry | undefined;
  if (typeof entry?.build !== 'function' || entry.id !== spec.use) {
    throw new PluginError(`${what}: expected the module to export that model by default`);
  }
  const model = callPlugin(what, () => entry.build(spec));
  refuse(what, 'build(spec)', faultOf(model, spec));
  const checked: Partial<Model> = {
    spec,
    init(random) {
      const params = model.init(random);
      const fits = params instanceof Float32Array && params.length === model.length;
      refuse(what, 'init(random)', fits ? undefined : `a Float32Array of ${model.length} params`);
      return params;
    },
    gradient(engine, request) {
      const gradient = model.gradient(engine, request);
      refuse(what, 'gradient(…)', faultOfGradient(gradient, model, request));
      return gradient;
    },
  };
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(name in checked ? checked : target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => callPlugin(what, () => value.apply(target, given));
    },
  });
}

function refuse(what: string, call: string, fault: string | undefined): void {
  if (fault !== undefined) throw new PluginError(`${what}: ${call}: expected ${fault}`);
}

/** A tensor of another shape would be stretched over the params without a word. */
function faultOfGradient(
  { slices }: Gradient,
  model: Model,
  { params, trainable }: GradientRequest,
): string | undefined {
  for (const [s, { name, group }] of model.slices.entries()) {
    const got = slices[s]?.shape.join(', ');
    const isWanted = trainable === 'all' || trainable === group;
    const shape = params[s]!.shape.join(', ');
    if (got === undefined ? isWanted : got !== shape) {
      return `the gradient of slice "${name}" as [${shape}], got ${got === undefined ? 'nothing' : `[${got}]`}`;
    }
  }
  return undefined;
}

/** What is wrong with a model, as far as it can be seen without running it. */
function faultOf(model: Partial<Model>, { classes }: ModelSpec): string | undefined {
  const { slices, length, flops } = model ?? {};
  if (!Array.isArray(slices) || slices.length === 0) return `a model with slices, got ${String(slices)}`;
  let offset = 0;
  for (const slice of slices as Model['slices']) {
    const size = lengthOf(slice.shape);
    if (slice.offset !== offset || slice.length !== size) {
      return `slices one after the other, "${slice.name}" at ${offset} with ${size} params, got ${slice.length} at ${slice.offset}`;
    }
    offset += size;
  }
  if (length !== offset) return `a length of ${offset}, as long as its slices together, got ${length}`;
  if (!(flops && flops.forward >= 0 && flops.backward >= 0))
    return 'flops { forward, backward } of at least 0';
  const functions = ['init', 'lossSum', 'gradient', ...(classes > 0 ? ['logits'] : [])] as const;
  const missing = functions.find((name) => typeof model[name as 'init'] !== 'function');
  return missing && `a function ${missing}`;
}
