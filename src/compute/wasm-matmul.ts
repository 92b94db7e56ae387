/**
 * The matrix products of the `wasm` backend, re-registered so that a stack of products and a single one take the same
 * path. As tfjs has it, only a plain 2-D product runs on XNNPACK (42–44 GFLOP/s per core); a stacked or transposed one
 * takes a loop that is ten times slower and rounds differently, so that grouping nodes would change their bits.
 *
 * Here transposes are carried out first, and every product of a stack is then one plain 2-D product on a view of the
 * tensors' memory: nothing is copied.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';

const BATCH_MATMUL = 'BatchMatMul';
const FUSED_MATMUL = '_FusedMatMul';
const FLOAT_BYTES = 4;

/** Parts of the compiled module that the package's declarations leave out. */
interface WasmExports {
  _BatchMatMul(
    a: number,
    aShape: number,
    aRank: number,
    b: number,
    bShape: number,
    bRank: number,
    transposeA: number,
    transposeB: number,
    out: number,
  ): void;
  stackSave(): number;
  stackAlloc(bytes: number): number;
  stackRestore(pointer: number): void;
  readonly HEAP32: Int32Array;
  readonly tfjs: {
    registerTensor(id: number, size: number, memoryOffset: number): void;
    disposeData(id: number): void;
  };
}

/** Ids in the compiled module for views on a slice; the same three serve every slice, one after the other. */
interface ViewIds {
  readonly a: number;
  readonly b: number;
  readonly out: number;
}

/** One operand: slices of `rows × columns`, row-major, one after the other. */
interface Operand {
  readonly info: tf.TensorInfo;
  readonly rows: number;
  readonly columns: number;
  readonly outer: number[];
  /** Made here, and to be disposed of here. */
  readonly temporary: boolean;
}

/**
 * Replaces `BatchMatMul` and `_FusedMatMul` of the active `wasm` backend. Any rank from 2 and any broadcast of the
 * outer dimensions. Law: slice i of a stacked product has the bits of the product of slices i.
 */
export function registerStackedMatMul(engine: typeof tf, backend: BackendWasm): void {
  // The counter is private in the declarations; ids taken from it can't meet those of tensors.
  const counter = backend as unknown as { dataIdNextNumber: number };
  const ids: ViewIds = {
    a: counter.dataIdNextNumber++,
    b: counter.dataIdNextNumber++,
    out: counter.dataIdNextNumber++,
  };
  const multiply: tf.KernelFunc = ({ inputs, attrs }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    return stackedMatMul(engine, backend, ids, { a, b, transposeA, transposeB });
  };
  const fused: tf.KernelFunc = (product) =>
    activate(engine, backend, multiply(product) as tf.TensorInfo, product);
  replaceKernel(engine, BATCH_MATMUL, multiply);
  replaceKernel(engine, FUSED_MATMUL, fused);
}

function replaceKernel(engine: typeof tf, kernelName: string, kernelFunc: tf.KernelFunc): void {
  engine.unregisterKernel(kernelName, 'wasm');
  engine.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

function stackedMatMul(
  engine: typeof tf,
  backend: BackendWasm,
  ids: ViewIds,
  product: { a: tf.TensorInfo; b: tf.TensorInfo; transposeA: boolean; transposeB: boolean },
): tf.TensorInfo {
  const a = operand(engine, backend, product.a, product.transposeA);
  const b = operand(engine, backend, product.b, product.transposeB);
  if (a.columns !== b.rows) {
    throw new Error(
      `matMul: expected inner dimensions that agree, got ${a.rows}×${a.columns} and ${b.rows}×${b.columns} ` +
        `(shapes [${product.a.shape}] and [${product.b.shape}], transposeA ${product.transposeA}, transposeB ${product.transposeB})`,
    );
  }
  const outer = engine.broadcast_util.assertAndGetBroadcastShape(a.outer, b.outer);
  const out = backend.makeOutput([...outer, a.rows, b.columns], 'float32');
  if (a.columns === 0) backend.typedArrayFromHeap(out).fill(0);
  else if (a.rows > 0 && b.columns > 0) multiplySlices(backend, ids, { a, b, out, outer });
  for (const side of [a, b]) if (side.temporary) backend.disposeData(side.info.dataId);
  return out;
}

function operand(engine: typeof tf, backend: BackendWasm, info: tf.TensorInfo, transposed: boolean): Operand {
  if (info.dtype !== 'float32') throw new Error(`matMul: expected float32 on wasm, got ${info.dtype}`);
  const outer = info.shape.slice(0, -2);
  const [rows, columns] = info.shape.slice(-2) as [number, number];
  if (!transposed) return { info, rows, columns, outer, temporary: false };
  const stack = { ...info, shape: [engine.util.sizeFromShape(outer), rows, columns] };
  const transpose = engine.getKernel('Transpose', 'wasm').kernelFunc;
  const turned = transpose({ inputs: { x: stack }, backend, attrs: { perm: [0, 2, 1] } }) as tf.TensorInfo;
  return { info: turned, rows: columns, columns: rows, outer, temporary: true };
}

function multiplySlices(
  backend: BackendWasm,
  ids: ViewIds,
  product: { a: Operand; b: Operand; out: tf.TensorInfo; outer: number[] },
): void {
  const { a, b, out, outer } = product;
  const wasm = backend.wasm as unknown as WasmExports;
  const aSlices = broadcastSlices(a.outer, outer);
  const bSlices = broadcastSlices(b.outer, outer);
  const view = (id: number, info: tf.TensorInfo, size: number, slice: number): void => {
    const offset = backend.getMemoryOffset(info.dataId) + slice * size * FLOAT_BYTES;
    wasm.tfjs.registerTensor(id, size, offset);
  };
  const stack = wasm.stackSave();
  const aShape = shapeOnStack(wasm, [1, a.rows, a.columns]);
  const bShape = shapeOnStack(wasm, [1, b.rows, b.columns]);
  for (let slice = 0; slice < aSlices.length; slice++) {
    view(ids.a, a.info, a.rows * a.columns, aSlices[slice]!);
    view(ids.b, b.info, b.rows * b.columns, bSlices[slice]!);
    view(ids.out, out, a.rows * b.columns, slice);
    wasm._BatchMatMul(ids.a, aShape, 3, ids.b, bShape, 3, 0, 0, ids.out);
    wasm.tfjs.disposeData(ids.a);
    // XNNPACK keeps a packed copy of b by its id; forgetting the id frees it.
    wasm.tfjs.disposeData(ids.b);
    wasm.tfjs.disposeData(ids.out);
  }
  wasm.stackRestore(stack);
}

function shapeOnStack(wasm: WasmExports, shape: readonly number[]): number {
  const pointer = wasm.stackAlloc(shape.length * Int32Array.BYTES_PER_ELEMENT);
  wasm.HEAP32.set(shape, pointer / Int32Array.BYTES_PER_ELEMENT);
  return pointer;
}

/** For each slice of the result, in row-major order, the slice of an operand with outer dimensions `from`. */
function broadcastSlices(from: readonly number[], to: readonly number[]): Int32Array {
  let slices = Int32Array.of(0);
  let stride = from.reduce((product, size) => product * size, 1);
  for (let axis = 0; axis < to.length; axis++) {
    const size = from[axis - (to.length - from.length)] ?? 1;
    stride /= size;
    const next = new Int32Array(slices.length * to[axis]!);
    for (let i = 0; i < next.length; i++) {
      const position = i % to[axis]!;
      next[i] = slices[(i - position) / to[axis]!]! + (size === 1 ? 0 : position * stride);
    }
    slices = next;
  }
  return slices;
}

/** Bias and activation of a fused product, by the backend's own kernels: consumes `product`. */
function activate(
  engine: typeof tf,
  backend: BackendWasm,
  product: tf.TensorInfo,
  { inputs, attrs }: { inputs: tf.NamedTensorInfoMap; attrs?: tf.NamedAttrMap },
): tf.TensorInfo {
  const { activation, leakyreluAlpha } = attrs as { activation: string; leakyreluAlpha: number };
  const kernel = FUSABLE[activation];
  if (kernel === undefined) {
    throw new Error(`fused matMul: expected an activation of ${Object.keys(FUSABLE)}, got "${activation}"`);
  }
  let current = product;
  const apply = (name: string, more: tf.NamedTensorInfoMap, attributes: tf.NamedAttrMap): void => {
    const named: tf.NamedTensorInfoMap = 'b' in more ? { a: current } : { x: current };
    const run = engine.getKernel(name, 'wasm').kernelFunc;
    const next = run({ inputs: { ...named, ...more }, backend, attrs: attributes }) as tf.TensorInfo;
    backend.disposeData(current.dataId);
    current = next;
  };
  const { bias, preluActivationWeights: alpha } = inputs;
  if (bias) apply('Add', { b: bias }, {});
  if (kernel !== '') apply(kernel, alpha ? { alpha } : {}, { alpha: leakyreluAlpha });
  return current;
}

/** Activation names of tfjs's fused operations → kernels. */
const FUSABLE: Readonly<Record<string, string>> = {
  linear: '',
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
  sigmoid: 'Sigmoid',
};
