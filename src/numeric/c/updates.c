// What happens to flat vectors: optimisers, clipping, the proximal term, masks, mixing, checks.
#include "functions.h"

// SGD with heavy-ball momentum and weight decay; `settings` are float32 η, μ, λ.
//   v ← μ · v + (g + λ · x),  x ← x − η · v
static void op_sgd(Reader *reader) {
  float *restrict x = place(reader), *restrict velocity = place(reader);
  const float *restrict gradient = place(reader), *settings = place(reader);
  const int length = whole(reader), momentum = whole(reader), decay = whole(reader);
  const float rate = settings[0], mu = settings[1], lambda = settings[2];
  if (!momentum && !decay)
    for (int i = 0; i < length; i++) x[i] = x[i] - gradient[i] * rate;
  else if (!momentum)
    for (int i = 0; i < length; i++) x[i] = x[i] - (gradient[i] + x[i] * lambda) * rate;
  else if (!decay)
    for (int i = 0; i < length; i++) {
      velocity[i] = velocity[i] * mu + gradient[i];
      x[i] = x[i] - velocity[i] * rate;
    }
  else
    for (int i = 0; i < length; i++) {
      velocity[i] = velocity[i] * mu + (gradient[i] + x[i] * lambda);
      x[i] = x[i] - velocity[i] * rate;
    }
}

// Adam; `settings` are float32 η, β₁, 1 − β₁, β₂, 1 − β₂, ε, λ, 1 − β₁^t, 1 − β₂^t.
//   m ← β₁ · m + (1 − β₁) · g,  v ← β₂ · v + (1 − β₂) · g²,  x ← x − η · m̂ / (√v̂ + ε),  with g + λ · x for g
static void op_adam(Reader *reader) {
  float *restrict x = place(reader), *restrict mean = place(reader), *restrict square = place(reader);
  const float *restrict gradient = place(reader), *settings = place(reader);
  const int length = whole(reader), decay = whole(reader);
  const float rate = settings[0], beta1 = settings[1], rest1 = settings[2], beta2 = settings[3], rest2 = settings[4];
  const float epsilon = settings[5], lambda = settings[6], unbias1 = settings[7], unbias2 = settings[8];
  for (int i = 0; i < length; i++) {
    const float g = decay ? gradient[i] + x[i] * lambda : gradient[i];
    mean[i] = mean[i] * beta1 + g * rest1;
    square[i] = square[i] * beta2 + g * g * rest2;
    x[i] = x[i] - mean[i] / unbias1 / (__builtin_sqrtf(square[i] / unbias2) + epsilon) * rate;
  }
}

// AMSGrad; `settings` are float32 η, β₁, 1 − β₁, β₂, 1 − β₂, ε, λ.
//   m ← β₁ · m + (1 − β₁) · g,  v ← β₂ · v + (1 − β₂) · g²,  v̂ ← max(v̂, v),  x ← x − η · m / (√v̂ + ε),  with g + λ · x for g
static void op_amsgrad(Reader *reader) {
  float *restrict x = place(reader), *restrict mean = place(reader), *restrict square = place(reader);
  float *restrict largest = place(reader);
  const float *restrict gradient = place(reader), *settings = place(reader);
  const int length = whole(reader), decay = whole(reader);
  const float rate = settings[0], beta1 = settings[1], rest1 = settings[2], beta2 = settings[3], rest2 = settings[4];
  const float epsilon = settings[5], lambda = settings[6];
  for (int i = 0; i < length; i++) {
    const float g = decay ? gradient[i] + x[i] * lambda : gradient[i];
    mean[i] = mean[i] * beta1 + g * rest1;
    square[i] = square[i] * beta2 + g * g * rest2;
    largest[i] = largest[i] > square[i] ? largest[i] : square[i];
    x[i] = x[i] - mean[i] / (__builtin_sqrtf(largest[i]) + epsilon) * rate;
  }
}

// The Euclidean norm, float64: squares in eight sums, element i in sum i mod 8, which are then added in order.
static void op_norm(Reader *reader) {
  double *out = place(reader);
  const float *x = place(reader);
  const int length = whole(reader);
  double sums[8] = {0}, total = 0;
  int i = 0;
  for (; i + 8 <= length; i += 8)
    for (int k = 0; k < 8; k++) sums[k] += (double)x[i + k] * (double)x[i + k];
  for (; i < length; i++) sums[i % 8] += (double)x[i] * (double)x[i];
  for (int k = 0; k < 8; k++) total += sums[k];
  *out = __builtin_sqrt(total);
}

// x · most / max(norm, most), the factor in float32; `settings` is float32 `most`.
static void op_clip(Reader *reader) {
  float *restrict x = place(reader);
  const double *norm = place(reader);
  const float *settings = place(reader);
  const int length = whole(reader);
  const double most = settings[0];
  if (!(*norm > most)) return;
  const float factor = (float)(most / *norm);
  for (int i = 0; i < length; i++) x[i] = x[i] * factor;
}

// g + weight · (x − center); `settings` is the float32 weight.
static void op_pull(Reader *reader) {
  float *restrict gradient = place(reader);
  const float *restrict x = place(reader), *restrict center = place(reader), *settings = place(reader);
  const int length = whole(reader);
  const float weight = settings[0];
  for (int i = 0; i < length; i++) gradient[i] = gradient[i] + (x[i] - center[i]) * weight;
}

// MCE-PL's aggregation tensor of one kernel: z + mean|z| · sign(z) · average, in float64 and rounded once. The mean is summed
// in order.
static void op_aggregate(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict z = place(reader), *restrict average = place(reader);
  const int length = whole(reader);
  double sum = 0;
  for (int i = 0; i < length; i++) sum += __builtin_fabs((double)z[i]);
  const double mean = sum / length;
  for (int i = 0; i < length; i++) {
    const double sign = z[i] > 0 ? 1.0 : z[i] < 0 ? -1.0 : (double)z[i];
    out[i] = (float)((double)z[i] + mean * sign * (double)average[i]);
  }
}

// One step on MCE-PL's scores z of one kernel, in float64 and rounded where it is stored; `settings` are float64 λ, η, decay.
//   G ← gradient · weight · sign(z) + λ · y / ‖y of the unit‖,  z ← z − η · (G + decay · z)
// A unit is a column of the kernel; `norms` is room for as many float64 numbers as there are units.
static void op_straight_through(Reader *reader) {
  float *restrict through = place(reader), *restrict z = place(reader);
  const float *restrict gradient = place(reader), *restrict weights = place(reader), *restrict y = place(reader);
  double *restrict norms = place(reader);
  const double *settings = place(reader);
  const int length = whole(reader), units = whole(reader);
  const double lambda = settings[0], rate = settings[1], decay = settings[2];
  for (int u = 0; u < units; u++) norms[u] = 0;
  for (int i = 0; i < length; i += units)
    for (int u = 0; u < units; u++) norms[u] += (double)y[i + u] * (double)y[i + u];
  for (int u = 0; u < units; u++) norms[u] = __builtin_sqrt(norms[u]);
  for (int i = 0; i < length; i += units)
    for (int u = 0; u < units; u++) {
      const int k = i + u;
      const double score = z[k], sign = score > 0 ? 1.0 : score < 0 ? -1.0 : score;
      const double shrink = lambda == 0 || norms[u] == 0 ? 0.0 : lambda * (double)y[k] / norms[u];
      through[k] = (float)((double)gradient[k] * (double)weights[k] * sign + shrink);
      z[k] = (float)(score - rate * ((double)through[k] + decay * score));
    }
}

// 0 where the byte of the mask is 0.
static void op_mask(Reader *reader) {
  float *restrict x = place(reader);
  const uint8_t *restrict mask = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) x[i] = mask[i] ? x[i] : 0;
}

// FedMask's masked weights of one kernel: those whose score is above 0 and whose unit is kept, 0 for the others.
static void op_threshold(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict weights = place(reader), *restrict scores = place(reader);
  const uint8_t *restrict kept = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) out[i] = kept[i] && scores[i] > 0 ? weights[i] : 0;
}

// One step on FedMask's scores s of one kernel whose unit is kept, in float64 and rounded where it is stored; `settings` is
// float64 η.  s ← s − η · gradient · weight · σ(s) · (1 − σ(s))
static void op_sigmoid_through(Reader *reader) {
  float *restrict scores = place(reader);
  const float *restrict gradient = place(reader), *restrict weights = place(reader);
  const uint8_t *restrict kept = place(reader);
  const double *settings = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) {
    if (!kept[i]) continue;
    const double score = scores[i], on = 1.0 / (1.0 + exp_64(-score));
    scores[i] = (float)(score - settings[0] * (double)gradient[i] * (double)weights[i] * on * (1.0 - on));
  }
}

// Σ weight · vector over `count` vectors in order, summed in float64 and rounded once. `addresses` are uint32.
static void op_mix(Reader *reader) {
  float *out = place(reader);
  const uint32_t *addresses = place(reader);
  const double *weights = place(reader);
  const int count = whole(reader), length = whole(reader);
  enum { BLOCK = 512 };
  double sums[BLOCK];
  for (int from = 0; from < length; from += BLOCK) {
    const int size = length - from < BLOCK ? length - from : BLOCK;
    for (int i = 0; i < size; i++) sums[i] = 0;
    int k = 0;
    for (; k + 1 < count; k += 2) {
      const float *restrict one = (const float *)(reader->memory + addresses[k]) + from;
      const float *restrict two = (const float *)(reader->memory + addresses[k + 1]) + from;
      const double first = weights[k], second = weights[k + 1];
      for (int i = 0; i < size; i++) sums[i] = sums[i] + first * (double)one[i] + second * (double)two[i];
    }
    if (k < count) {
      const float *restrict one = (const float *)(reader->memory + addresses[k]) + from;
      for (int i = 0; i < size; i++) sums[i] = sums[i] + weights[k] * (double)one[i];
    }
    for (int i = 0; i < size; i++) out[from + i] = (float)sums[i];
  }
}

// `out` gets 1 where all numbers are finite, else 0.
static void op_finite(Reader *reader) {
  int32_t *out = place(reader);
  const int32_t *x = place(reader);
  const int length = whole(reader);
  int32_t bad = 0;
  for (int i = 0; i < length; i++) bad |= (x[i] & 0x7f800000) == 0x7f800000;
  *out = !bad;
}
