/** Activations, pooling and normalisations, as in `c/layers.c`. */
import { exp32, log32 } from './functions.js';
import type { Operands } from './operands.js';

const { fround } = Math;

export function relu(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const length = at.whole();
  for (let i = 0; i < length; i++) {
    // Not Math.max, which turns NaN and −0 into other bits than the kernels do.
    // biome-ignore lint/complexity/useMathMinMax: see above.
    out[i] = x[i]! <= 0 ? 0 : x[i]!;
  }
}

export function reluGradient(at: Operands): void {
  const [out, y, gradient] = [at.floats(), at.floats(), at.floats()];
  const length = at.whole();
  for (let i = 0; i < length; i++) out[i] = y[i]! > 0 ? gradient[i]! : 0;
}

export function elu(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const length = at.whole();
  for (let i = 0; i < length; i++) out[i] = x[i]! > 0 ? x[i]! : exp32(x[i]!) - 1;
}

export function eluGradient(at: Operands): void {
  const [out, y, gradient] = [at.floats(), at.floats(), at.floats()];
  const length = at.whole();
  for (let i = 0; i < length; i++) out[i] = gradient[i]! * (y[i]! > 0 ? 1 : fround(y[i]! + 1));
}

export function add(at: Operands): void {
  const [out, a, b] = [at.floats(), at.floats(), at.floats()];
  const length = at.whole();
  for (let i = 0; i < length; i++) out[i] = a[i]! + b[i]!;
}

/** Square windows on images; what of a window lies outside the image does not count. */
class Pooling {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
  readonly top: number;
  readonly left: number;
  readonly outHeight: number;
  readonly outWidth: number;

  constructor(at: Operands) {
    [this.batch, this.height, this.width, this.channels] = [at.whole(), at.whole(), at.whole(), at.whole()];
    [this.size, this.stride, this.top, this.left] = [at.whole(), at.whole(), at.whole(), at.whole()];
    [this.outHeight, this.outWidth] = [at.whole(), at.whole()];
  }

  /** Numbers of all images. */
  get length(): number {
    return this.batch * this.height * this.width * this.channels;
  }

  /** All outputs in order: image, row, column, channel. */
  *outputs(): Generator<{ n: number; i: number; j: number; c: number; output: number }> {
    let output = 0;
    for (let n = 0; n < this.batch; n++) {
      for (let i = 0; i < this.outHeight; i++) {
        for (let j = 0; j < this.outWidth; j++) {
          for (let c = 0; c < this.channels; c++) yield { n, i, j, c, output: output++ };
        }
      }
    }
  }

  /** Index of the number under cell (k, l) of a window; −1 outside the image. */
  under({ n, i, j, c }: { n: number; i: number; j: number; c: number }, k: number, l: number): number {
    const [row, column] = [i * this.stride - this.top + k, j * this.stride - this.left + l];
    if (row < 0 || row >= this.height || column < 0 || column >= this.width) return -1;
    return ((n * this.height + row) * this.width + column) * this.channels + c;
  }
}

export function maxPool(at: Operands): void {
  const [out, winner, x] = [at.floats(), at.words(), at.floats()];
  const windows = new Pooling(at);
  for (const window of windows.outputs()) {
    let best = -1;
    for (let cell = 0; cell < windows.size * windows.size; cell++) {
      const place = windows.under(window, Math.floor(cell / windows.size), cell % windows.size);
      if (place < 0 || (best >= 0 && !(x[place]! > x[best]!))) continue;
      best = place;
      winner[window.output] = cell;
    }
    out[window.output] = x[best]!;
  }
}

export function maxPoolGradient(at: Operands): void {
  const [out, winner, gradient] = [at.floats(), at.words(), at.floats()];
  const windows = new Pooling(at);
  out.fill(0, 0, windows.length);
  for (const window of windows.outputs()) {
    const cell = winner[window.output]!;
    const place = windows.under(window, Math.floor(cell / windows.size), cell % windows.size);
    out[place]! += gradient[window.output]!;
  }
}

export function averagePool(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const windows = new Pooling(at);
  const share = fround(1 / (windows.size * windows.size));
  for (const window of windows.outputs()) {
    let sum = 0;
    for (let k = 0; k < windows.size; k++) {
      for (let l = 0; l < windows.size; l++) sum = fround(sum + x[windows.under(window, k, l)]!);
    }
    out[window.output] = sum * share;
  }
}

export function averagePoolGradient(at: Operands): void {
  const [out, gradient] = [at.floats(), at.floats()];
  const windows = new Pooling(at);
  const share = fround(1 / (windows.size * windows.size));
  out.fill(0, 0, windows.length);
  for (const window of windows.outputs()) {
    const part = fround(gradient[window.output]! * share);
    for (let k = 0; k < windows.size; k++) {
      for (let l = 0; l < windows.size; l++) out[windows.under(window, k, l)]! += part;
    }
  }
}

export function channelMeans(at: Operands): void {
  const [out, x] = [at.floats(), at.floats()];
  const [samples, places, channels] = [at.whole(), at.whole(), at.whole()];
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < places; k++) sum = fround(sum + x[(n * places + k) * channels + c]!);
      out[n * channels + c] = sum / places;
    }
  }
}

export function channelMeansGradient(at: Operands): void {
  const [out, gradient] = [at.floats(), at.floats()];
  const [samples, places, channels] = [at.whole(), at.whole(), at.whole()];
  for (let n = 0; n < samples; n++) {
    for (let k = 0; k < places; k++) {
      for (let c = 0; c < channels; c++) {
        out[(n * places + k) * channels + c] = gradient[n * channels + c]! / places;
      }
    }
  }
}

/** From sums by channel to the mean of each channel's group. */
function ofGroups(byChannel: Float64Array, groups: number, count: number): void {
  const size = byChannel.length / groups;
  for (let start = 0; start < byChannel.length; start += size) {
    let total = 0;
    for (let c = start; c < start + size; c++) total += byChannel[c]!;
    byChannel.fill(total / count, start, start + size);
  }
}

export function groupNorm(at: Operands): void {
  const [out, moments] = [at.floats(), at.doubles()];
  const [x, scale, shift] = [at.floats(), at.floats(), at.floats()];
  const [samples, places, channels, groups] = [at.whole(), at.whole(), at.whole(), at.whole()];
  const epsilon = at.number();
  const count = places * (channels / groups);
  for (let n = 0; n < samples; n++) {
    const own = x.subarray(n * places * channels, (n + 1) * places * channels);
    const mean = moments.subarray(2 * n * channels, (2 * n + 1) * channels).fill(0);
    const factor = moments.subarray((2 * n + 1) * channels, (2 * n + 2) * channels).fill(0);
    for (let i = 0; i < own.length; i++) mean[i % channels]! += own[i]!;
    ofGroups(mean, groups, count);
    for (let i = 0; i < own.length; i++) {
      const deviation = own[i]! - mean[i % channels]!;
      factor[i % channels]! += deviation * deviation;
    }
    ofGroups(factor, groups, count);
    for (let c = 0; c < channels; c++) factor[c] = 1 / Math.sqrt(factor[c]! + epsilon);
    for (let i = 0; i < own.length; i++) {
      const c = i % channels;
      out[n * own.length + i] = scale[c]! * ((own[i]! - mean[c]!) * factor[c]!) + shift[c]!;
    }
  }
}

export function groupNormGradient(at: Operands): void {
  const [out, ofScale, ofShift] = [at.floats(), at.floats(), at.floats()];
  const moments = at.doubles();
  const [x, scale, gradient] = [at.floats(), at.floats(), at.floats()];
  at.place();
  const [samples, places, channels, groups] = [at.whole(), at.whole(), at.whole(), at.whole()];
  const count = places * (channels / groups);
  const [allScale, allShift] = [new Float64Array(channels), new Float64Array(channels)];
  for (let n = 0; n < samples; n++) {
    const [mean, factor] = [2 * n * channels, (2 * n + 1) * channels];
    const [first, length] = [n * places * channels, places * channels];
    const [ofH, ofProduct] = [new Float64Array(channels), new Float64Array(channels)];
    const normal = (i: number, c: number) => (x[first + i]! - moments[mean + c]!) * moments[factor + c]!;
    for (let i = 0; i < length; i++) {
      const c = i % channels;
      ofH[c]! += gradient[first + i]!;
      ofProduct[c]! += gradient[first + i]! * normal(i, c);
    }
    for (let c = 0; c < channels; c++) {
      allShift[c]! += ofH[c]!;
      allScale[c]! += ofProduct[c]!;
      ofH[c]! *= scale[c]!;
      ofProduct[c]! *= scale[c]!;
    }
    ofGroups(ofH, groups, count);
    ofGroups(ofProduct, groups, count);
    for (let i = 0; i < length; i++) {
      const c = i % channels;
      const h = scale[c]! * gradient[first + i]!;
      out[first + i] = (h - ofH[c]! - normal(i, c) * ofProduct[c]!) * moments[factor + c]!;
    }
  }
  ofScale.set(allScale);
  ofShift.set(allShift);
}

export function responseNorm(at: Operands): void {
  const [out, base, square, x] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const [cells, channels, size] = [at.whole(), at.whole(), at.whole()];
  const [scale, beta, offset] = [at.number(), at.number(), at.number()];
  for (let first = 0; first < cells * channels; first += channels) {
    for (let c = 0; c < channels; c++) square[c] = x[first + c]! * x[first + c]!;
    for (let c = 0; c < channels; c++) {
      const sum = sumOfNeighbors(square, c, channels, [-Math.floor(size / 2), Math.floor((size - 1) / 2)]);
      base[first + c] = fround(sum * scale) + offset;
      out[first + c] = x[first + c]! * exp32(fround(log32(base[first + c]!) * -beta));
    }
  }
}

export function responseNormGradient(at: Operands): void {
  const [out, share, base] = [at.floats(), at.floats(), at.floats()];
  const [x, gradient] = [at.floats(), at.floats()];
  const [cells, channels, size] = [at.whole(), at.whole(), at.whole()];
  const [scale, beta] = [at.number(), at.number()];
  const factor = fround(fround(2 * scale) * beta);
  for (let first = 0; first < cells * channels; first += channels) {
    const direct = new Float32Array(channels);
    for (let c = 0; c < channels; c++) {
      const i = first + c;
      direct[c] = gradient[i]! * exp32(fround(log32(base[i]!) * -beta));
      share[c] = fround(direct[c]! * x[i]!) / base[i]!;
    }
    for (let c = 0; c < channels; c++) {
      const sum = sumOfNeighbors(share, c, channels, [-Math.floor((size - 1) / 2), Math.floor(size / 2)]);
      out[first + c] = direct[c]! - fround(fround(x[first + c]! * sum) * factor);
    }
  }
}

/** Σ values over channels c + d, for d in a range, where they exist. */
function sumOfNeighbors(
  values: Float32Array,
  c: number,
  channels: number,
  [least, most]: readonly [number, number],
): number {
  let sum = 0;
  for (let d = least; d <= most; d++) {
    if (c + d >= 0 && c + d < channels) sum = fround(sum + values[c + d]!);
  }
  return sum;
}
