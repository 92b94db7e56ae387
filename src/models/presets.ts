/**
 * The networks of the papers, ready to name in a scenario. Sizes are those of the papers' own code, checked by their
 * numbers of params. None has dropout: a gradient here is a function of params and batch alone.
 */
import { z } from 'zod';
import { convEntry } from './layers/conv.js';
import { denseEntry } from './layers/dense.js';
import { eluEntry } from './layers/elu.js';
import { globalAveragePoolEntry } from './layers/global-average-pool.js';
import { groupNormEntry } from './layers/group-norm.js';
import { maxPoolEntry } from './layers/max-pool.js';
import { reluEntry } from './layers/relu.js';
import { residualEntry } from './layers/residual.js';
import { responseNormEntry } from './layers/response-norm.js';
import type { Padding } from './layers/windows.js';
import { hiddenLayers } from './mlp.js';
import type { ModelEntry } from './model.js';
import { buildNetwork, type Network } from './network.js';
import { type Reference, reference } from './references.js';

const conv = (filters: number, kernelSize: number, padding: Padding = 'valid', stride = 1) =>
  reference(convEntry, { filters, kernelSize, padding, stride });
const pool = (window: number, stride = window, padding: Padding = 'valid') =>
  reference(maxPoolEntry, { window, stride, padding });
const RELU = reference(reluEntry, {});

function preset(id: string, description: string, reference: string, network: Network): ModelEntry<object> {
  return {
    id,
    description,
    reference,
    options: z.strictObject({}),
    build: (spec) => buildNetwork(spec, network),
  };
}

const L2C = 'Li et al., Learning To Collaborate in Decentralized Learning of Personalized Models, CVPR 2022';
const DEPRL =
  'Xiong et al., DePRL: Achieving Linear Convergence Speedup in Personalized Decentralized Learning with Shared Representations, AAAI 2024';
const MCE_PL =
  'Tian et al., Communication-Efficient Personalized Distributed Learning with Data and Node Heterogeneity, IEEE TCCN 2025';
const TRANSFERENCE =
  'Mortaheb and Ulukus, Personalized Decentralized Multi-Task Learning Over Dynamic Communication Graphs, 2022';

/** FedAvg's network in the version of L2C, without padding: 878,538 params on CIFAR-10. */
export const l2cCnn = preset(
  'l2c-cnn',
  'network of L2C: conv 5×5 of 32 and 64 filters with pooling, dense 512; head: the last layer',
  L2C,
  {
    layers: [conv(32, 5), RELU, pool(2), conv(64, 5), RELU, pool(2), ...hiddenLayers([512])],
    headLayers: 1,
  },
);

const VGG_11 = [[64], [128], [256, 256], [512, 512], [512, 512]];

/**
 * VGG-11 for images of 32 × 32, head of three dense layers: 9,220,480 + 530,442 params on CIFAR-10. He's uniform
 * distribution by inputs stands in for the code's normal one by outputs.
 */
export const deprlVgg = preset(
  'deprl-vgg',
  'VGG-11 of DePRL for 32×32 images; head: the three dense layers',
  DEPRL,
  {
    layers: [
      ...VGG_11.flatMap((block) => [...block.flatMap((filters) => [conv(filters, 3, 1), RELU]), pool(2)]),
      ...hiddenLayers([512, 512]),
    ],
    headLayers: 3,
    kernelInit: 'he-uniform',
  },
);

/**
 * AlexNet with narrow dense layers: 2,454,208 + 50,698 params on one channel and 10 classes. Pooling pads where
 * a size is odd, so that images of 28 × 28 do too; on 32 × 32 that changes nothing.
 */
export const deprlAlexnet = preset(
  'deprl-alexnet',
  'AlexNet of DePRL for 28×28 and 32×32 images; head: the three dense layers',
  DEPRL,
  {
    layers: [
      conv(64, 11, 5, 4),
      RELU,
      pool(2, 2, 'same'),
      conv(192, 5, 2),
      RELU,
      pool(2, 2, 'same'),
      conv(384, 3, 1),
      RELU,
      conv(256, 3, 1),
      RELU,
      conv(256, 3, 1),
      RELU,
      pool(2, 2, 'same'),
      ...hiddenLayers([128, 128]),
    ],
    headLayers: 3,
  },
);

/** 1,611,648 + 17,157 params on HARBox: 900 features, 5 classes. */
export const deprlDnn = preset(
  'deprl-dnn',
  'network of DePRL for HARBox: dense 1024-512-256-128; head: dense 128 and the last layer',
  DEPRL,
  { layers: hiddenLayers([1024, 512, 256, 128, 128]), headLayers: 2 },
);

const norm = (alpha: number) => reference(responseNormEntry, { size: 4, alpha, beta: 0.75, offset: 1 });
const ELU = reference(eluEntry, {});

/**
 * 1,227,328 params on CIFAR-10, all of them maskable: no layer has a bias. The code's dense layers have biases that
 * are never trained; here they are zero. ELU is applied to the logits too, as in the code.
 */
export const mcePlAlexnet = preset(
  'mce-pl-alexnet',
  'AlexNet-like network of MCE-PL without biases: conv 5×5 of 64, 128, 256 filters, dense 192',
  MCE_PL,
  {
    layers: [
      ...[conv(64, 5, 1), ELU, norm(2e-5), pool(3, 2)],
      ...[conv(128, 5, 1), ELU, norm(1e-4), pool(3, 2)],
      ...[conv(256, 5, 1), ELU, norm(1e-4), pool(3, 2, 1)],
      ...[reference(denseEntry, { units: 192 }), ELU],
    ],
    headLayers: 2,
    bias: false,
    kernelInit: 'he-uniform',
    output: ELU,
  },
);

/** A body of 337,856 params on 10 features, then a head of one layer, which reads the output of a ReLU. */
export const transferenceMlp = preset(
  'transference-mlp',
  'network of the transference paper: dense 64-128-256-512-256-128 with ReLU; head: the last layer',
  TRANSFERENCE,
  { layers: hiddenLayers([64, 128, 256, 512, 256, 128]), headLayers: 1 },
);

/** Filters and stride of the eight blocks. */
const RESNET_18 = [64, 128, 256, 512].flatMap((filters, stage) => [
  { filters, stride: stage === 0 ? 1 : 2 },
  { filters, stride: 1 },
]);
const GROUP_NORM = { groups: 32, epsilon: 1e-5 };
const RESNET_BODY: readonly Reference[] = [
  reference(convEntry, { filters: 64, kernelSize: 3, padding: 1, stride: 1, bias: false }),
  reference(groupNormEntry, GROUP_NORM),
  RELU,
  ...RESNET_18.flatMap((block) => [reference(residualEntry, { ...block, ...GROUP_NORM }), RELU]),
  reference(globalAveragePoolEntry, {}),
];

/**
 * ResNet-18 for small images: its first convolution is 3×3 with stride 1, and no pooling follows. A body of
 * 11,168,832 params on three channels, as many as with batch normalisation. DePRL's network for CIFAR-100.
 */
export const resnet18 = preset(
  'resnet18',
  'ResNet-18 for images of about 32×32, with group normalisation; head: the last layer',
  'He et al., Deep Residual Learning for Image Recognition, CVPR 2016; Wu and He, Group Normalization, ECCV 2018',
  { layers: RESNET_BODY, headLayers: 1 },
);

/** ResNet-18 with a head of two dense layers; the paper does not say how wide: 128, as in its other network. */
export const transferenceCeleba = preset(
  'transference-celeba',
  'network of the transference paper for CelebA: ResNet-18; head: dense 128 and the last layer',
  TRANSFERENCE,
  { layers: [...RESNET_BODY, ...hiddenLayers([128])], headLayers: 2 },
);
