/** `mycel/models`: what models, layers and optimisers of your own are written with, and the built-in ones. */

export { lengthOf } from '../data/dataset.js';
export {
  type ChainGradients,
  type ChainPass,
  chainGradients,
  outputOf,
  outputsOf,
  type WantedGradients,
} from './chain.js';
export { type ForwardDefinition, type ForwardParam, modelFromForward } from './from-forward.js';
export { type AnyModelEntry, buildModel, modelList, models } from './index.js';
export { drawParams, layered } from './layered.js';
export { averagePooling } from './layers/average-pool.js';
export { type ConvolutionOptions, convolution } from './layers/conv.js';
export { type DenseOptions, dense } from './layers/dense.js';
export { elu } from './layers/elu.js';
export { type EmbeddingOptions, embedding } from './layers/embedding.js';
export { gelu } from './layers/gelu.js';
export { globalAveragePooling } from './layers/global-average-pool.js';
export { type GroupNorm, groupNorm } from './layers/group-norm.js';
export { type GruOptions, gru } from './layers/gru.js';
export { buildLayer, layerList, layers } from './layers/index.js';
export { initBounds, type KernelInit, type KernelOptions, kernelOptions } from './layers/kernels.js';
export {
  type BuiltLayer,
  builtOnImage,
  hasKernel,
  type ImageLayer,
  imageSignal,
  type Layer,
  type LayerContext,
  type LayerEntry,
  type LayerInput,
  type LayerPass,
  type LayerSlice,
  requireImage,
  type Signal,
  signalOf,
} from './layers/layer.js';
export { maxPooling } from './layers/max-pool.js';
export { relu } from './layers/relu.js';
export { type Residual, residual } from './layers/residual.js';
export { localResponseNorm, type ResponseNorm } from './layers/response-norm.js';
export { sigmoid } from './layers/sigmoid.js';
export { tanh } from './layers/tanh.js';
export { asImages, type ImageShape, type Padding, paddingOption, type Window } from './layers/windows.js';
export { softmaxCrossEntropy, softmaxOf } from './losses.js';
export { hiddenLayers } from './mlp.js';
export type {
  Engine,
  Gradient,
  GradientRequest,
  LabelledBatch,
  Labels,
  Model,
  ModelEntry,
  ModelSpec,
  Representation,
  RepresentationPass,
  Slice,
  StackedBatch,
  Tensor,
  Trainable,
} from './model.js';
export {
  firstSlice,
  type HeadInput,
  type HeadSizes,
  headLogits,
  headSlices,
  initHeads,
  type MultiHead,
  multiHead,
  paramsWithHead,
} from './multi-head.js';
export { buildNetwork, type Network, requireClasses } from './network.js';
export {
  type Optimizer,
  type OptimizerSpec,
  optimizerList,
  optimizerOf,
  optimizerOption,
  optimizerOptions,
  optimizerSpec,
  optimizers,
} from './optimizers/index.js';
export type { OptimizerEntry, OptimizerSlice, OptimizerStep } from './optimizers/optimizer.js';
export { powerByProducts, powerBySquaring } from './powers.js';
export { type Reference, referenceOption } from './references.js';
export { gatherBatch, type NodeRows, stackSlices, unstackSlices } from './stack.js';
