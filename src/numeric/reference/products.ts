/** Dense layers and convolutions, as in `c/products.c`: each sum over one index that goes up, every step rounded. */
import type { Operands } from './operands.js';

const { fround } = Math;

export function dense(at: Operands): void {
  const [out, x, kernel, bias] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const [rows, inputs, outputs, biased] = [at.whole(), at.whole(), at.whole(), at.whole()];
  for (let r = 0; r < rows; r++) {
    const sum = out.subarray(r * outputs, (r + 1) * outputs).fill(0);
    for (let k = 0; k < inputs; k++) addScaled(sum, x[r * inputs + k]!, kernel, k * outputs);
    if (biased) addRow(sum, bias);
  }
}

export function denseKernelGradient(at: Operands): void {
  const [out, x, gradient] = [at.floats(), at.floats(), at.floats()];
  const [rows, inputs, outputs] = [at.whole(), at.whole(), at.whole()];
  out.fill(0, 0, inputs * outputs);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      addScaled(out.subarray(k * outputs, (k + 1) * outputs), x[r * inputs + k]!, gradient, r * outputs);
    }
  }
}

export function denseInputGradient(at: Operands): void {
  const [out, gradient, kernel] = [at.floats(), at.floats(), at.floats()];
  at.place();
  const [rows, inputs, outputs] = [at.whole(), at.whole(), at.whole()];
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) {
        sum = fround(sum + fround(gradient[r * outputs + j]! * kernel[k * outputs + j]!));
      }
      out[r * inputs + k] = sum;
    }
  }
}

export function columnSums(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const [rows, columns] = [at.whole(), at.whole()];
  const sum = out.subarray(0, columns).fill(0);
  for (let r = 0; r < rows; r++) addRow(sum, x.subarray(r * columns));
}

/** Of a convolution without padding. */
function convolution(at: Operands) {
  const [batch, height, width, channels] = [at.whole(), at.whole(), at.whole(), at.whole()];
  const [size, stride, filters] = [at.whole(), at.whole(), at.whole()];
  const outHeight = Math.floor((height - size) / stride) + 1;
  const outWidth = Math.floor((width - size) / stride) + 1;
  /** The first channel of the cell (k, l) under the output (i, j) of image n. */
  const cell = (n: number, i: number, j: number, k: number, l: number) =>
    ((n * height + i * stride + k) * width + j * stride + l) * channels;
  return { batch, channels, size, filters, outHeight, outWidth, cell };
}

export function conv(at: Operands): void {
  const [out, x, kernel, bias] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const { batch, channels, size, filters, outHeight, outWidth, cell } = convolution(at);
  const biased = at.whole();
  for (let n = 0, to = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, to += filters) {
        const sum = out.subarray(to, to + filters).fill(0);
        for (let k = 0, of = 0; k < size; k++) {
          for (let l = 0; l < size; l++) {
            const from = cell(n, i, j, k, l);
            for (let c = 0; c < channels; c++, of += filters) addScaled(sum, x[from + c]!, kernel, of);
          }
        }
        if (biased) addRow(sum, bias);
      }
    }
  }
}

export function convKernelGradient(at: Operands): void {
  const [out, x, gradient] = [at.floats(), at.floats(), at.floats()];
  const { batch, channels, size, filters, outHeight, outWidth, cell } = convolution(at);
  out.fill(0, 0, size * size * channels * filters);
  for (let n = 0, of = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, of += filters) {
        for (let k = 0, to = 0; k < size; k++) {
          for (let l = 0; l < size; l++) {
            const from = cell(n, i, j, k, l);
            for (let c = 0; c < channels; c++, to += filters) {
              addScaled(out.subarray(to, to + filters), x[from + c]!, gradient, of);
            }
          }
        }
      }
    }
  }
}

export function turnKernel(at: Operands): void {
  const [out, kernel] = [at.floats(), at.floats()];
  const [cells, channels, filters] = [at.whole(), at.whole(), at.whole()];
  for (let k = 0; k < cells; k++) {
    for (let c = 0; c < channels; c++) {
      for (let f = 0; f < filters; f++) {
        out[((cells - 1 - k) * filters + f) * channels + c] = kernel[(k * channels + c) * filters + f]!;
      }
    }
  }
}

export function placeCells(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const [batch, height, width, channels] = [at.whole(), at.whole(), at.whole(), at.whole()];
  const [outHeight, outWidth] = [at.whole(), at.whole()];
  const [top, left, step] = [at.whole(), at.whole(), at.whole()];
  out.fill(0, 0, batch * outHeight * outWidth * channels);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const [row, column] = [top + i * step, left + j * step];
        if (row < 0 || row >= outHeight || column < 0 || column >= outWidth) continue;
        const from = ((n * height + i) * width + j) * channels;
        out.set(x.subarray(from, from + channels), ((n * outHeight + row) * outWidth + column) * channels);
      }
    }
  }
}

/** sum + factor · row, the row being `of` numbers into `values`. */
function addScaled(sum: Float32Array, factor: number, values: Float32Array, of: number): void {
  for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + fround(factor * values[of + j]!);
}

function addRow(sum: Float32Array, row: Float32Array): void {
  for (let j = 0; j < sum.length; j++) sum[j]! += row[j]!;
}
