/** Optimisers, clipping, the proximal term, mixing and checks of flat vectors, as in `c/updates.c`. */
import { exp64 } from './functions.js';
import type { Operands } from './operands.js';

const { fround } = Math;

export function sgd(at: Operands): void {
  const [x, velocity, gradient, settings] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const [length, momentum, decay] = [at.whole(), at.whole(), at.whole()];
  const [rate, mu, lambda] = [settings[0]!, settings[1]!, settings[2]!];
  for (let i = 0; i < length; i++) {
    let step = decay ? fround(gradient[i]! + fround(x[i]! * lambda)) : gradient[i]!;
    if (momentum) step = velocity[i] = fround(fround(velocity[i]! * mu) + step);
    x[i] = x[i]! - fround(step * rate);
  }
}

export function adam(at: Operands): void {
  const [x, mean, square] = [at.floats(), at.floats(), at.floats()];
  const [gradient, settings] = [at.floats(), at.floats()];
  const [length, decay] = [at.whole(), at.whole()];
  const [rate, beta1, rest1, beta2, rest2, epsilon, lambda, unbias1, unbias2] =
    settings as unknown as number[];
  for (let i = 0; i < length; i++) {
    const g = decay ? fround(gradient[i]! + fround(x[i]! * lambda!)) : gradient[i]!;
    mean[i] = fround(mean[i]! * beta1!) + fround(g * rest1!);
    square[i] = fround(square[i]! * beta2!) + fround(fround(g * g) * rest2!);
    const root = fround(fround(Math.sqrt(fround(square[i]! / unbias2!))) + epsilon!);
    x[i] = x[i]! - fround(fround(fround(mean[i]! / unbias1!) / root) * rate!);
  }
}

export function amsgrad(at: Operands): void {
  const [x, mean, square, largest] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const [gradient, settings] = [at.floats(), at.floats()];
  const [length, decay] = [at.whole(), at.whole()];
  const [rate, beta1, rest1, beta2, rest2, epsilon, lambda] = settings as unknown as number[];
  for (let i = 0; i < length; i++) {
    const g = decay ? fround(gradient[i]! + fround(x[i]! * lambda!)) : gradient[i]!;
    mean[i] = fround(mean[i]! * beta1!) + fround(g * rest1!);
    square[i] = fround(square[i]! * beta2!) + fround(fround(g * g) * rest2!);
    if (!(largest[i]! > square[i]!)) largest[i] = square[i]!;
    const root = fround(fround(Math.sqrt(largest[i]!)) + epsilon!);
    x[i] = x[i]! - fround(fround(mean[i]! / root) * rate!);
  }
}

export function norm(at: Operands): void {
  const [out, x] = [at.doubles(), at.floats()];
  const length = at.whole();
  const sums = new Float64Array(8);
  for (let i = 0; i < length; i++) sums[i % 8]! += x[i]! * x[i]!;
  out[0] = Math.sqrt(sums.reduce((total, sum) => total + sum, 0));
}

export function clip(at: Operands): void {
  const [x, length, settings] = [at.floats(), at.doubles(), at.floats()];
  const count = at.whole();
  const most = settings[0]!;
  if (!(length[0]! > most)) return;
  const factor = fround(most / length[0]!);
  for (let i = 0; i < count; i++) x[i]! *= factor;
}

export function pull(at: Operands): void {
  const [gradient, x, center, settings] = [at.floats(), at.floats(), at.floats(), at.floats()];
  const length = at.whole();
  const weight = settings[0]!;
  for (let i = 0; i < length; i++) {
    gradient[i] = gradient[i]! + fround(fround(x[i]! - center[i]!) * weight);
  }
}

export function aggregate(at: Operands): void {
  const [out, z, average] = [at.floats(), at.floats(), at.floats()];
  const length = at.whole();
  let sum = 0;
  for (let i = 0; i < length; i++) sum += Math.abs(z[i]!);
  const mean = sum / length;
  for (let i = 0; i < length; i++) out[i] = z[i]! + mean * Math.sign(z[i]!) * average[i]!;
}

export function straightThrough(at: Operands): void {
  const [through, z, gradient, weights, y] = [
    at.floats(),
    at.floats(),
    at.floats(),
    at.floats(),
    at.floats(),
  ];
  const [norms, settings] = [at.doubles(), at.doubles()];
  const [length, units] = [at.whole(), at.whole()];
  const [lambda, rate, decay] = [settings[0]!, settings[1]!, settings[2]!];
  norms.fill(0, 0, units);
  for (let i = 0; i < length; i++) norms[i % units]! += y[i]! * y[i]!;
  for (let u = 0; u < units; u++) norms[u] = Math.sqrt(norms[u]!);
  for (let i = 0; i < length; i++) {
    const norm = norms[i % units]!;
    const shrink = lambda === 0 || norm === 0 ? 0 : (lambda * y[i]!) / norm;
    through[i] = gradient[i]! * weights[i]! * Math.sign(z[i]!) + shrink;
    z[i] = z[i]! - rate * (through[i]! + decay * z[i]!);
  }
}

export function mask(at: Operands): void {
  const [x, kept] = [at.floats(), at.bytes()];
  const length = at.whole();
  for (let i = 0; i < length; i++) if (kept[i] === 0) x[i] = 0;
}

export function threshold(at: Operands): void {
  const [out, weights, scores, kept] = [at.floats(), at.floats(), at.floats(), at.bytes()];
  const length = at.whole();
  for (let i = 0; i < length; i++) out[i] = kept[i] !== 0 && scores[i]! > 0 ? weights[i]! : 0;
}

export function sigmoidThrough(at: Operands): void {
  const [scores, gradient, weights] = [at.floats(), at.floats(), at.floats()];
  const [kept, settings] = [at.bytes(), at.doubles()];
  const length = at.whole();
  for (let i = 0; i < length; i++) {
    if (kept[i] === 0) continue;
    const on = 1 / (1 + exp64(-scores[i]!));
    scores[i] = scores[i]! - settings[0]! * gradient[i]! * weights[i]! * on * (1 - on);
  }
}

export function mix(at: Operands): void {
  const [out, addresses, weights] = [at.floats(), at.addresses(), at.doubles()];
  const [count, length] = [at.whole(), at.whole()];
  const sums = new Float64Array(length);
  for (let k = 0; k < count; k++) {
    const from = addresses[k]! / 4;
    for (let i = 0; i < length; i++) sums[i]! += weights[k]! * at.memory.floats[from + i]!;
  }
  out.set(sums);
}

export function finite(at: Operands): void {
  const [out, x] = [at.words(), at.floats()];
  const length = at.whole();
  let all = 1;
  for (let i = 0; i < length; i++) if (!Number.isFinite(x[i]!)) all = 0;
  out[0] = all;
}
