// Activations, pooling and normalisations.
#include "functions.h"

static void op_relu(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict x = place(reader);
  const int length = whole(reader);
  // By bits, of numbers above 0 and of NaN with either sign: a compiler that makes a maximum of it may keep −0.
  for (int i = 0; i < length; i++) {
    const int32_t bits = bits_of(x[i]);
    out[i] = of_bits(bits & (-(bits > 0) | -((uint32_t)bits > 0xff800000u)));
  }
}

static void op_relu_gradient(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict y = place(reader), *restrict gradient = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) out[i] = y[i] > 0.0f ? gradient[i] : 0.0f;
}

static void op_elu(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict x = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) {
    const float below = exp_32(x[i] > 0.0f ? 0.0f : x[i]) - 1.0f;
    out[i] = x[i] > 0.0f ? x[i] : below;
  }
}

// Where y ≤ 0 the slope is e^x = y + 1.
static void op_elu_gradient(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict y = place(reader), *restrict gradient = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) out[i] = gradient[i] * (y[i] > 0.0f ? 1.0f : y[i] + 1.0f);
}

static void op_add(Reader *reader) {
  float *out = place(reader);
  const float *a = place(reader), *b = place(reader);
  const int length = whole(reader);
  for (int i = 0; i < length; i++) out[i] = a[i] + b[i];
}

// Square windows on images; what of a window lies outside the image does not count.
typedef struct {
  int batch, height, width, channels, size, stride, top, left, out_height, out_width;
} Pooling;

static Pooling pooling(Reader *reader) {
  Pooling p;
  p.batch = whole(reader), p.height = whole(reader), p.width = whole(reader), p.channels = whole(reader);
  p.size = whole(reader), p.stride = whole(reader), p.top = whole(reader), p.left = whole(reader);
  p.out_height = whole(reader), p.out_width = whole(reader);
  return p;
}

// `winner` gets, for every output, the cell of the window that won: its row · size + its column. The first of equals.
static void op_max_pool(Reader *reader) {
  float *out = place(reader);
  int32_t *winner = place(reader);
  const float *x = place(reader);
  const Pooling p = pooling(reader);
  for (int n = 0; n < p.batch; n++, x += (size_t)p.height * p.width * p.channels)
    for (int i = 0; i < p.out_height; i++)
      for (int j = 0; j < p.out_width; j++, out += p.channels, winner += p.channels) {
        int first = 1;
        for (int k = 0; k < p.size; k++)
          for (int l = 0; l < p.size; l++) {
            const int row = i * p.stride - p.top + k, column = j * p.stride - p.left + l;
            if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
            const float *restrict cell = x + ((size_t)row * p.width + column) * p.channels;
            const int32_t here = k * p.size + l;
            float *restrict best = out;
            int32_t *restrict place_of_best = winner;
            if (first)
              for (int c = 0; c < p.channels; c++) best[c] = cell[c], place_of_best[c] = here;
            else
              for (int c = 0; c < p.channels; c++) {
                const int better = cell[c] > best[c];
                best[c] = better ? cell[c] : best[c];
                place_of_best[c] = better ? here : place_of_best[c];
              }
            first = 0;
          }
      }
}

static void op_max_pool_gradient(Reader *reader) {
  float *out = place(reader);
  const int32_t *winner = place(reader);
  const float *gradient = place(reader);
  const Pooling p = pooling(reader);
  const size_t image = (size_t)p.height * p.width * p.channels;
  for (size_t k = 0; k < image * p.batch; k++) out[k] = 0;
  for (int n = 0; n < p.batch; n++, out += image)
    for (int i = 0; i < p.out_height; i++)
      for (int j = 0; j < p.out_width; j++, gradient += p.channels, winner += p.channels)
        for (int c = 0; c < p.channels; c++) {
          const int row = i * p.stride - p.top + winner[c] / p.size;
          const int column = j * p.stride - p.left + winner[c] % p.size;
          out[((size_t)row * p.width + column) * p.channels + c] += gradient[c];
        }
}

// Sum over the window, row by row, times 1 / size².
static void op_average_pool(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader);
  const Pooling p = pooling(reader);
  const float share = 1.0f / (float)(p.size * p.size);
  for (int n = 0; n < p.batch; n++, x += (size_t)p.height * p.width * p.channels)
    for (int i = 0; i < p.out_height; i++)
      for (int j = 0; j < p.out_width; j++, out += p.channels) {
        float *restrict sum = out;
        for (int c = 0; c < p.channels; c++) sum[c] = 0;
        for (int k = 0; k < p.size; k++)
          for (int l = 0; l < p.size; l++) {
            const float *restrict cell =
                x + ((size_t)(i * p.stride + k) * p.width + j * p.stride + l) * p.channels;
            for (int c = 0; c < p.channels; c++) sum[c] += cell[c];
          }
        for (int c = 0; c < p.channels; c++) sum[c] *= share;
      }
}

static void op_average_pool_gradient(Reader *reader) {
  float *out = place(reader);
  const float *gradient = place(reader);
  const Pooling p = pooling(reader);
  const float share = 1.0f / (float)(p.size * p.size);
  const size_t image = (size_t)p.height * p.width * p.channels;
  for (size_t k = 0; k < image * p.batch; k++) out[k] = 0;
  for (int n = 0; n < p.batch; n++, out += image)
    for (int i = 0; i < p.out_height; i++)
      for (int j = 0; j < p.out_width; j++, gradient += p.channels)
        for (int k = 0; k < p.size; k++)
          for (int l = 0; l < p.size; l++) {
            float *cell = out + ((size_t)(i * p.stride + k) * p.width + j * p.stride + l) * p.channels;
            for (int c = 0; c < p.channels; c++) cell[c] += gradient[c] * share;
          }
}

// Means over `places` of each sample, by channel: float32 sums in order, divided at the end.
static void op_channel_means(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader);
  const int samples = whole(reader), places = whole(reader), channels = whole(reader);
  for (int n = 0; n < samples; n++, out += channels) {
    float *restrict sum = out;
    for (int c = 0; c < channels; c++) sum[c] = 0;
    for (int k = 0; k < places; k++, x += channels)
      for (int c = 0; c < channels; c++) sum[c] += x[c];
    for (int c = 0; c < channels; c++) sum[c] = sum[c] / (float)places;
  }
}

static void op_channel_means_gradient(Reader *reader) {
  float *out = place(reader);
  const float *gradient = place(reader);
  const int samples = whole(reader), places = whole(reader), channels = whole(reader);
  for (int n = 0; n < samples; n++, gradient += channels)
    for (int k = 0; k < places; k++, out += channels)
      for (int c = 0; c < channels; c++) out[c] = gradient[c] / (float)places;
}

// Group normalisation. `moments` gets for every sample, by channel, μ of its group and 1/√(σ² + ε): float64 [2 × channels].
// Sums are float64: by channel over the places in order, then over the channels of a group in order.
static void of_groups(double *by_channel, int channels, int groups, double count) {
  const int size = channels / groups;
  for (int g = 0; g < groups; g++) {
    double total = 0;
    for (int c = g * size; c < (g + 1) * size; c++) total += by_channel[c];
    for (int c = g * size; c < (g + 1) * size; c++) by_channel[c] = total / count;
  }
}

static void op_group_norm(Reader *reader) {
  float *out = place(reader);
  double *moments = place(reader);
  const float *x = place(reader), *scale = place(reader), *shift = place(reader);
  const int samples = whole(reader), places = whole(reader), channels = whole(reader), groups = whole(reader);
  const double epsilon = number(reader), count = (double)places * (channels / groups);
  for (int n = 0; n < samples; n++, moments += 2 * channels) {
    double *restrict mean = moments, *restrict factor = moments + channels;
    for (int c = 0; c < channels; c++) mean[c] = 0, factor[c] = 0;
    for (int k = 0; k < places; k++)
      for (int c = 0; c < channels; c++) mean[c] += (double)x[(size_t)k * channels + c];
    of_groups(mean, channels, groups, count);
    for (int k = 0; k < places; k++)
      for (int c = 0; c < channels; c++) {
        const double deviation = (double)x[(size_t)k * channels + c] - mean[c];
        factor[c] += deviation * deviation;
      }
    of_groups(factor, channels, groups, count);
    for (int c = 0; c < channels; c++) factor[c] = 1.0 / __builtin_sqrt(factor[c] + epsilon);
    for (int k = 0; k < places; k++, x += channels, out += channels)
      for (int c = 0; c < channels; c++)
        out[c] = (float)((double)scale[c] * (((double)x[c] - mean[c]) * factor[c]) + (double)shift[c]);
  }
}

// With x̂ = (x − μ) / √(σ² + ε) and h = scale · g: by x it is (h − mean(h) − x̂ · mean(h · x̂)) / √(σ² + ε), the means over
// the group; by scale Σ g · x̂, by shift Σ g. `sums` is room for float64 [4 × channels].
static void op_group_norm_gradient(Reader *reader) {
  float *out = place(reader), *of_scale = place(reader), *of_shift = place(reader);
  const double *moments = place(reader);
  const float *x = place(reader), *scale = place(reader), *gradient = place(reader);
  double *sums = place(reader);
  const int samples = whole(reader), places = whole(reader), channels = whole(reader), groups = whole(reader);
  const double count = (double)places * (channels / groups);
  double *restrict ofh = sums, *restrict of_product = sums + channels;
  double *restrict all_scale = sums + 2 * channels, *restrict all_shift = sums + 3 * channels;
  for (int c = 0; c < channels; c++) all_scale[c] = 0, all_shift[c] = 0;
  for (int n = 0; n < samples; n++, moments += 2 * channels) {
    const double *restrict mean = moments, *restrict factor = moments + channels;
    for (int c = 0; c < channels; c++) ofh[c] = 0, of_product[c] = 0;
    for (int k = 0; k < places; k++)
      for (int c = 0; c < channels; c++) {
        const double g = (double)gradient[(size_t)k * channels + c];
        ofh[c] += g;
        of_product[c] += g * (((double)x[(size_t)k * channels + c] - mean[c]) * factor[c]);
      }
    for (int c = 0; c < channels; c++) {
      all_shift[c] += ofh[c];
      all_scale[c] += of_product[c];
      ofh[c] = (double)scale[c] * ofh[c];
      of_product[c] = (double)scale[c] * of_product[c];
    }
    of_groups(ofh, channels, groups, count);
    of_groups(of_product, channels, groups, count);
    for (int k = 0; k < places; k++, x += channels, gradient += channels, out += channels)
      for (int c = 0; c < channels; c++) {
        const double h = (double)scale[c] * (double)gradient[c], normal = ((double)x[c] - mean[c]) * factor[c];
        out[c] = (float)(((h - ofh[c]) - normal * of_product[c]) * factor[c]);
      }
  }
  for (int c = 0; c < channels; c++) of_scale[c] = (float)all_scale[c], of_shift[c] = (float)all_shift[c];
}

// Local response normalisation over channels: `base` = offset + alpha / size · Σ x² over the neighbouring channels in
// order, out = x · base^−beta.
static void op_response_norm(Reader *reader) {
  float *restrict out = place(reader), *restrict base = place(reader), *restrict square = place(reader);
  const float *restrict x = place(reader);
  const int cells = whole(reader), channels = whole(reader), size = whole(reader);
  const float scale = number(reader), beta = number(reader), offset = number(reader);
  const int before = size / 2, after = (size - 1) / 2;
  for (int k = 0; k < cells; k++, x += channels, out += channels, base += channels) {
    for (int c = 0; c < channels; c++) square[c] = x[c] * x[c];
    for (int c = 0; c < channels; c++) base[c] = 0;
    for (int d = -before; d <= after; d++) {
      const int first = d < 0 ? -d : 0, last = d > 0 ? channels - d : channels;
      for (int c = first; c < last; c++) base[c] += square[c + d];
    }
    for (int c = 0; c < channels; c++) base[c] = base[c] * scale + offset;
    for (int c = 0; c < channels; c++) out[c] = x[c] * exp_32(log_32(base[c]) * -beta);
  }
}

// ∂y_c/∂x_j has −2 · beta · scale · x_j · x_c · base_c^(−beta−1) for every channel c of which j is a neighbour.
static void op_response_norm_gradient(Reader *reader) {
  float *restrict out = place(reader), *restrict share = place(reader);
  const float *restrict base = place(reader), *restrict x = place(reader), *restrict gradient = place(reader);
  const int cells = whole(reader), channels = whole(reader), size = whole(reader);
  const float scale = number(reader), beta = number(reader);
  const float factor = 2.0f * scale * beta;
  const int before = size / 2, after = (size - 1) / 2;
  float *restrict direct = share + channels, *restrict sum = share + 2 * channels;
  for (int k = 0; k < cells; k++, x += channels, out += channels, base += channels, gradient += channels) {
    for (int c = 0; c < channels; c++) direct[c] = gradient[c] * exp_32(log_32(base[c]) * -beta);
    for (int c = 0; c < channels; c++) share[c] = direct[c] * x[c] / base[c];
    for (int c = 0; c < channels; c++) sum[c] = 0;
    for (int d = -after; d <= before; d++) {
      const int first = d < 0 ? -d : 0, last = d > 0 ? channels - d : channels;
      for (int c = first; c < last; c++) sum[c] += share[c + d];
    }
    for (int c = 0; c < channels; c++) out[c] = direct[c] - x[c] * sum[c] * factor;
  }
}
