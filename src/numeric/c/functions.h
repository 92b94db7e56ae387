// exp and log of our own: a C library's, and an engine's, may differ in the last bit. Only +, −, ×, ÷ of the type, and
// whole numbers; `reference/functions.ts` does the same steps.
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "kernels.h"

// e^x in float32, off by less than 1 ulp; 0 where it would be subnormal (below −87.33), infinity above 88.72.
// x = n · ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts of which n times the first is exact; e^r = 1 + r + r² · p(r).
// The minimax polynomial is off by 6.6e-11 · (r² + 0.01).
static inline ALWAYS float exp_32(float x) {
  const float low = -87.336545f, high = 88.72283f;
  const float bounded = x >= low ? (x <= high ? x : high) : low;
  const float round = 12582912.0f;  // 1.5 · 2²³: adding it leaves a whole number in the last bits
  const float shifted = bounded * 1.44269504f + round;
  const float n = shifted - round;
  const int32_t power = bits_of(shifted) - 0x4b400000, half = power >> 1;
  const float r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9916559e-4f;
  p = p * r + 1.3943445e-3f;
  p = p * r + 8.333269e-3f;
  p = p * r + 4.1666318e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  const float e = (p * (r * r) + r) + 1.0f;
  // 2ⁿ in two factors: one of them is in range where 2ⁿ is not.
  const float result = e * of_bits((half + 127) << 23) * of_bits((power - half + 127) << 23);
  return x < low ? 0.0f : x > high ? __builtin_inff() : x == x ? result : x;
}

// ln x in float32, for normal x > 0, off by less than 1 ulp of max(|ln x|, 1).
// x = 2ⁿ · m with m in [√½, √2); with f = m − 1 it is ln m = f − f² / 2 + f³ · p(f). The minimax polynomial is off by
// 1.2e-9 · (f² + 0.01).
static inline ALWAYS float log_32(float x) {
  const int32_t bits = bits_of(x) - 0x3f3504f3;
  const float n = (float)(bits >> 23);
  const float f = of_bits((bits & 0x7fffff) + 0x3f3504f3) - 1.0f;
  const float square = f * f;
  float p = 6.967697e-2f;
  p = p * f + -1.1708955e-1f;
  p = p * f + 1.1803568e-1f;
  p = p * f + -1.2394936e-1f;
  p = p * f + 1.4230432e-1f;
  p = p * f + -1.6668941e-1f;
  p = p * f + 2.0001554e-1f;
  p = p * f + -2.4999987e-1f;
  p = p * f + 3.3333322e-1f;
  const float tail = (f * square * p + n * -2.12194440e-4f) - square * 0.5f;
  return (f + tail) + n * 0.693359375f;
}

// e^x in float64, off by less than 1 ulp: the bits of `Math.exp` of V8, whose method (that of fdlibm) it is.
// x = n · ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts; e^r = 1 + r + r · c / (2 − c) with c = r − r² · p(r²), p a minimax
// polynomial.
static inline double exp_64(double x) {
  if (!(x <= 709.782712893384)) return x == x ? __builtin_inf() : x;
  if (x < -745.1332191019411) return 0;
  const double size = __builtin_fabs(x);
  if (size < 0x1p-28) return 1.0 + x;
  if (x == 1.0) return 2.718281828459045;
  // ln 2 / 2, rounded up to the first 20 bits behind the point.
  const int n = size >= 0x1.62e43p-2 ? (int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5)) : 0;
  const double high = x - n * 6.93147180369123816490e-01, low = n * 1.90821492927058770002e-10;
  const double r = high - low, square = r * r;
  double p = 4.13813679705723846039e-08;
  p = p * square + -1.65339022054652515390e-06;
  p = p * square + 6.61375632143793436117e-05;
  p = p * square + -2.77777777770155933842e-03;
  p = p * square + 1.66666666666666019037e-01;
  const double c = r - square * p;
  const double y = 1.0 - ((low - r * c / (2.0 - c)) - high);
  // 2ⁿ in two factors: one of them is in range where 2ⁿ is not.
  const int first = n > 1023 ? 1023 : n < -1021 ? n + 1000 : n;
  union { int64_t bits; double value; } power = {.bits = (int64_t)(first + 1023) << 52};
  return n > 1023 ? y * 2.0 * power.value : n < -1021 ? y * power.value * 0x1p-1000 : y * power.value;
}

// ln x in float64 for normal x > 0, error below 1 ulp of max(|ln x|, 1).
// x = 2ⁿ · m with m in [√½, √2); ln m = 2 artanh s with s = (m − 1) / (m + 1), |s| < 0.172, by its series.
static inline double log_64(double x) {
  union { double value; int64_t bits; } word = {.value = x};
  const int64_t bits = word.bits - 0x3fe6a09e667f3bcdLL;
  const double n = (double)(bits >> 52);
  word.bits = (bits & 0xfffffffffffffLL) + 0x3fe6a09e667f3bcdLL;
  const double s = (word.value - 1.0) / (word.value + 1.0), square = s * s;
  double p = 1.0 / 21.0;
  for (int k = 19; k >= 3; k -= 2) p = p * square + 1.0 / k;
  return 2.0 * s + 2.0 * s * square * p + n * 0.6931471805599453;
}

#endif
