/** Models from their forward pass alone: TensorFlow.js finds the gradients by automatic differentiation. */
import { z } from 'zod';
import { registerGradients } from '../compute/gradients.js';
import { lengthOf } from '../data/dataset.js';
import { expectPlugin } from '../errors.js';
import { drawParams } from './layered.js';
import { initBounds } from './layers/kernels.js';
import { softmaxCrossEntropy } from './losses.js';
import type {
  Engine,
  Model,
  ModelEntry,
  ModelSpec,
  Slice,
  StackedBatch,
  Tensor,
  Trainable,
} from './model.js';
import { requireClasses } from './network.js';

/** A tensor of params, as {@link modelFromForward} lays it out. @public */
export interface ForwardParam {
  readonly shape: readonly number[];
  /**
   * Half-width of the uniform distribution that it starts from.
   * @defaultValue 1/√inputs for two dimensions and more, where all but the last one are inputs; 0 for one dimension
   */
  readonly initBound?: number;
  /**
   * Centre of that distribution.
   * @defaultValue 0
   */
  readonly initCenter?: number;
  /**
   * Body: the shared representation. Head: the personal part. Those of the head come last.
   * @defaultValue body
   */
  readonly group?: Slice['group'];
}

/** A model by its params and its forward pass. @public */
export interface ForwardDefinition<Options, Name extends string> {
  /** Kebab-case name. */
  readonly id: string;
  /** One line. */
  readonly description: string;
  /** Authors, title, venue and year of the source, if there is one. */
  readonly reference?: string;
  /**
   * A strict zod object, with every default.
   * @defaultValue no options
   */
  readonly options?: z.ZodType<Options>;
  /** The params by name, in their order, for the shape of one sample and the number of classes. */
  params(spec: ModelSpec & { readonly options: Options }): Readonly<Record<Name, ForwardParam>>;
  /**
   * The logits of a batch of one node, float32 [batch, classes]. Operations of `tf` alone, so that the gradient can be
   * found; a backend needs a kernel for the gradient of each of them.
   * @param params by name, each in its shape
   * @param inputs float32 [batch, …shape of one sample]
   */
  forward(
    tf: Engine,
    params: Readonly<Record<Name, Tensor>>,
    inputs: Tensor,
    spec: ModelSpec & { readonly options: Options },
  ): Tensor;
  /**
   * Floating-point operations for one sample, from which virtual time follows.
   * @defaultValue two for each param forward, four backward: right for dense layers, too few for convolutions
   */
  flops?(spec: ModelSpec & { readonly options: Options }): Model['flops'];
}

/**
 * A classifier from its forward pass. The loss is softmax cross-entropy, its gradient that of automatic differentiation
 * on TensorFlow.js. The nodes of a group are computed one after the other, so their numbers do not depend on the group.
 * Building throws a UsageError for data without classes, and a PluginError for params of the body after those of the head.
 * @public
 */
export function modelFromForward<Options = Record<string, never>, Name extends string = string>(
  definition: ForwardDefinition<Options, Name>,
): ModelEntry<Options> {
  const { id, description, reference } = definition;
  const options = definition.options ?? (z.strictObject({}) as unknown as z.ZodType<Options>);
  return {
    ...{ id, description, options },
    ...(reference !== undefined && { reference }),
    build(spec) {
      requireClasses(spec);
      return modelOf(definition, spec);
    },
  };
}

function modelOf<Options, Name extends string>(
  definition: ForwardDefinition<Options, Name>,
  spec: ModelSpec & { readonly options: Options },
): Model {
  const slices = slicesOf(definition, spec);
  const length = slices.reduce((sum, slice) => sum + slice.length, 0);
  const logitsOf = (engine: Engine, own: readonly Tensor[], inputs: Tensor) => {
    const named = Object.fromEntries(slices.map(({ name }, s) => [name, own[s]!])) as Record<Name, Tensor>;
    const logits = definition.forward(engine, named, inputs, spec);
    const wanted = [inputs.shape[0]!, spec.classes];
    const got = String(logits?.shape ?? 'nothing');
    expectPlugin(
      got === String(wanted),
      `model "${definition.id}": forward(…)`,
      `logits as [${wanted}], got [${got}]`,
    );
    return logits;
  };
  const logits = (engine: Engine, batch: StackedBatch) => {
    const ofNodes = nodesOf(batch).map((node) => {
      const { own, inputs } = partOf(engine, slices, batch, node);
      return logitsOf(engine, own, inputs);
    });
    return engine.stack(ofNodes);
  };
  return {
    ...{ spec, slices, length, logits },
    flops: definition.flops?.(spec) ?? { forward: 2 * length, backward: 4 * length },
    init: (random) => drawParams(slices, length, random),
    lossSum: (engine, batch) => softmaxCrossEntropy(engine, logits(engine, batch), batch.labels).lossSum,
    gradient(engine, { labels, trainable, scale, ...batch }) {
      registerGradients(engine);
      const size = batch.features.shape[1]!;
      const wanted = slices.flatMap(({ group }, s) => (isWanted(group, trainable) ? [s] : []));
      const passes = nodesOf(batch).map((node) => {
        const { own, inputs } = partOf(engine, slices, batch, node);
        const ofNode = labels.subarray(node * size, (node + 1) * size);
        const loss = (...trained: Tensor[]) => {
          const all = own.map((param, s) => (wanted.includes(s) ? trained[wanted.indexOf(s)]! : param));
          return crossEntropy(engine, logitsOf(engine, all, inputs), ofNode, scale);
        };
        return engine.valueAndGrads(loss)(wanted.map((s) => own[s]!));
      });
      const losses = engine.stack(passes.map(({ value }) => value));
      const ofSlice = (k: number) => engine.stack(passes.map(({ grads }) => grads[k]!));
      const gradients = slices.map((_, s) => (wanted.includes(s) ? ofSlice(wanted.indexOf(s)) : undefined));
      return { loss: engine.div(losses, size), slices: gradients };
    },
  };
}

const isWanted = (group: Slice['group'], trainable: Trainable) => trainable === 'all' || trainable === group;

/** The numbers of the nodes of a stack. */
const nodesOf = ({ features }: StackedBatch) => Array.from({ length: features.shape[0]! }, (_, node) => node);

/** What belongs to one node of a stack. */
function partOf(engine: Engine, slices: readonly Slice[], { params, features }: StackedBatch, node: number) {
  const rowOf = (stack: Tensor, shape: readonly number[]) => {
    const begin = [node, ...shape.map(() => 0)];
    return engine.reshape(engine.slice(stack, begin, [1, ...shape]), [...shape]);
  };
  return {
    own: slices.map(({ shape }, s) => rowOf(params[s]!, shape)),
    inputs: rowOf(features, features.shape.slice(1)),
  };
}

/** The sum of the losses of a batch, as an operation whose gradient by the logits is that of scale × the **mean** loss. */
function crossEntropy(engine: Engine, logits: Tensor, labels: ArrayLike<number>, scale: number | undefined) {
  const operation = engine.customGrad((given, save) => {
    const stacked = engine.expandDims(given as Tensor);
    const { lossSum, gradient } = softmaxCrossEntropy(engine, stacked, labels, scale);
    (save as (tensors: Tensor[]) => void)([engine.squeeze(gradient, [0])]);
    return { value: engine.reshape(lossSum, []), gradFunc: (_: Tensor, saved: Tensor[]) => saved[0]! };
  });
  return operation(logits);
}

function slicesOf<Options, Name extends string>(
  definition: ForwardDefinition<Options, Name>,
  spec: ModelSpec & { readonly options: Options },
): Slice[] {
  let offset = 0;
  const slices = Object.entries<ForwardParam>(definition.params(spec)).map(([name, param]): Slice => {
    const { shape, group = 'body', initCenter = 0 } = param;
    const fanIn = lengthOf(shape.slice(0, -1));
    const { initBound = shape.length >= 2 ? initBounds(fanIn).kernel : 0 } = param;
    const length = lengthOf(shape);
    offset += length;
    return { name, shape, group, initBound, initCenter, length, offset: offset - length };
  });
  const firstOfHead = slices.findIndex(({ group }) => group === 'head');
  const late = slices.find(({ group }, s) => group === 'body' && firstOfHead >= 0 && s > firstOfHead);
  const place = `model "${definition.id}": params(spec)`;
  expectPlugin(
    late === undefined,
    place,
    `params of the head last, got "${late?.name}" of the body after them`,
  );
  return slices;
}
