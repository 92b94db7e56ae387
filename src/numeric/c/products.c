// Dense layers and convolutions: matrix products, cut into tiles that stay in registers.
#include "kernels.h"

// Rows of a tile, and its registers of columns: four by two, or eight by one. Either keeps all that it needs in 16
// registers, and has sums enough for additions to follow each other without waiting. Of registers with 16 lanes there are
// 32: eight by two then. In narrow registers, of which WebAssembly has no others, eight rows are no faster.
#define TILE_VECTORS 2
#define ROWS_OF(vectors) (LANES == 16 || (LANES > 4 && (vectors) == 1) ? 8 : 4)
#define MOST_ROWS ROWS_OF(1)

// One loop: how many steps, and how far each moves in the left and in the right factor.
typedef struct {
  int steps, left, right;
} Loop;

static const Loop ONCE = {1, 0, 0};

// out[row][column] = Σ left[start of the row + …] · right[column + …] (+ bias[column]). The sum goes over all steps of
// `outer`, for each of them over all of `middle`, and so on. Rows start `across.left` apart; after `across.steps` of
// them `down.left` from the start of the first, and so on.
typedef struct {
  int rows, columns;
  const float *left, *right, *bias;
  float *out;
  Loop outer, middle, inner;
  struct {
    int steps, left;
  } across, down;
  int further_left;
} Product;

// Where the next row of the left factor starts.
typedef struct {
  const float *further, *down, *across;
  int i, j;
} RowCursor;

static RowCursor rows_from(const Product *p, int row) {
  const int line = row / p->across.steps;
  RowCursor cursor = {.i = line % p->down.steps, .j = row % p->across.steps};
  cursor.further = p->left + (size_t)(line / p->down.steps) * p->further_left;
  cursor.down = cursor.further + (size_t)cursor.i * p->down.left;
  cursor.across = cursor.down + (size_t)cursor.j * p->across.left;
  return cursor;
}

static inline const float *next_row(const Product *p, RowCursor *cursor) {
  const float *row = cursor->across;
  cursor->across += p->across.left;
  if (++cursor->j < p->across.steps) return row;
  cursor->j = 0;
  cursor->down += p->down.left;
  if (++cursor->i == p->down.steps) {
    cursor->i = 0;
    cursor->further += p->further_left;
    cursor->down = cursor->further;
  }
  cursor->across = cursor->down;
  return row;
}

#define LANES 4
#include "tiles.h"
#undef LANES
#if WIDEST >= 8
#define LANES 8
#include "tiles.h"
#undef LANES
#endif
#if WIDEST >= 16
#include <immintrin.h>
#define LANES 16
#include "tiles.h"
#undef LANES
#endif

// Columns that are fewer than the lanes of any register.
static void narrow_product(const Product *p) {
  RowCursor cursor = rows_from(p, 0);
  float *out = p->out;
  for (int row = 0; row < p->rows; row++) {
    const float *left = next_row(p, &cursor);
    for (int column = 0; column < p->columns; column++) {
      float sum = 0;
      for (int i = 0; i < p->outer.steps; i++)
        for (int j = 0; j < p->middle.steps; j++) {
          const float *a = left + (size_t)i * p->outer.left + (size_t)j * p->middle.left;
          const float *b = p->right + column + (size_t)i * p->outer.right + (size_t)j * p->middle.right;
          for (int k = 0; k < p->inner.steps; k++, a += p->inner.left, b += p->inner.right) sum += *a * *b;
        }
      *out++ = p->bias ? sum + p->bias[column] : sum;
    }
  }
}

static void product(const Product *p) {
#if WIDEST >= 16
  // Above 8 columns, one register for all of them is faster than two that overlap.
  if (p->columns > 8) return product_16(p);
#endif
#if WIDEST >= 8
  if (p->columns >= 8) return product_8(p);
#endif
  if (p->columns >= 4) return product_4(p);
  narrow_product(p);
}

// out[c][r] = in[r][c]
static void transpose(float *restrict out, const float *restrict in, int rows, int columns) {
  enum { BLOCK = 16 };
  for (int r = 0; r < rows; r += BLOCK)
    for (int c = 0; c < columns; c += BLOCK)
      for (int i = r; i < rows && i < r + BLOCK; i++)
        for (int j = c; j < columns && j < c + BLOCK; j++) out[(size_t)j * rows + i] = in[(size_t)i * columns + j];
}

static void op_dense(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader), *kernel = place(reader), *bias = place(reader);
  const int rows = whole(reader), inputs = whole(reader), outputs = whole(reader), biased = whole(reader);
  product(&(Product){.rows = rows, .columns = outputs, .left = x, .right = kernel, .bias = biased ? bias : 0, .out = out,
                     .outer = ONCE, .middle = ONCE, .inner = {inputs, 1, outputs},
                     .across = {rows, inputs}, .down = {1, 0}});
}

static void op_dense_kernel_gradient(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader), *gradient = place(reader);
  const int rows = whole(reader), inputs = whole(reader), outputs = whole(reader);
  product(&(Product){.rows = inputs, .columns = outputs, .left = x, .right = gradient, .out = out,
                     .outer = ONCE, .middle = ONCE, .inner = {rows, inputs, outputs},
                     .across = {inputs, 1}, .down = {1, 0}});
}

static void op_dense_input_gradient(Reader *reader) {
  float *out = place(reader);
  const float *gradient = place(reader), *kernel = place(reader);
  float *turned = place(reader);
  const int rows = whole(reader), inputs = whole(reader), outputs = whole(reader);
  transpose(turned, kernel, inputs, outputs);
  product(&(Product){.rows = rows, .columns = inputs, .left = gradient, .right = turned, .out = out,
                     .outer = ONCE, .middle = ONCE, .inner = {outputs, 1, inputs},
                     .across = {rows, outputs}, .down = {1, 0}});
}

static void op_column_sums(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict in = place(reader);
  const int rows = whole(reader), columns = whole(reader);
  for (int c = 0; c < columns; c++) out[c] = 0;
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) out[c] += in[(size_t)r * columns + c];
}

// Of a convolution without padding.
typedef struct {
  int batch, height, width, channels, size, stride, filters, out_height, out_width;
} Convolution;

static Convolution convolution(Reader *reader) {
  Convolution c;
  c.batch = whole(reader), c.height = whole(reader), c.width = whole(reader), c.channels = whole(reader);
  c.size = whole(reader), c.stride = whole(reader), c.filters = whole(reader);
  c.out_height = (c.height - c.size) / c.stride + 1;
  c.out_width = (c.width - c.size) / c.stride + 1;
  return c;
}

// The cells of a kernel's row lie one after the other in the image: a step of the sum goes from channel to channel, and
// from there to the next cell.
static void op_conv(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader), *kernel = place(reader), *bias = place(reader);
  const Convolution c = convolution(reader);
  const int biased = whole(reader);
  const int line = c.width * c.channels, run = c.size * c.channels;
  product(&(Product){.rows = c.batch * c.out_height * c.out_width, .columns = c.filters,
                     .left = x, .right = kernel, .bias = biased ? bias : 0, .out = out,
                     .outer = ONCE, .middle = {c.size, line, run * c.filters}, .inner = {run, 1, c.filters},
                     .across = {c.out_width, c.stride * c.channels}, .down = {c.out_height, c.stride * line},
                     .further_left = c.height * line});
}

static void op_conv_kernel_gradient(Reader *reader) {
  float *out = place(reader);
  const float *x = place(reader), *gradient = place(reader);
  const Convolution c = convolution(reader);
  const int line = c.width * c.channels, run = c.size * c.channels, out_line = c.out_width * c.filters;
  product(&(Product){.rows = c.size * run, .columns = c.filters, .left = x, .right = gradient, .out = out,
                     .outer = {c.batch, c.height * line, c.out_height * out_line},
                     .middle = {c.out_height, c.stride * line, out_line},
                     .inner = {c.out_width, c.stride * c.channels, c.filters},
                     .across = {run, 1}, .down = {c.size, line}});
}

// Every cell turned by 180° in its kernel, channels and filters exchanged.
static void op_turn_kernel(Reader *reader) {
  float *out = place(reader);
  const float *kernel = place(reader);
  const int cells = whole(reader), channels = whole(reader), filters = whole(reader);
  const size_t cell = (size_t)channels * filters;
  for (int k = 0; k < cells; k++) transpose(out + (cells - 1 - k) * cell, kernel + k * cell, channels, filters);
}

// Puts images into larger or smaller ones: cell (i, j) to (top + i · step, left + j · step), zeros elsewhere. What falls
// outside is left out.
static void op_place_cells(Reader *reader) {
  float *restrict out = place(reader);
  const float *restrict in = place(reader);
  const int batch = whole(reader), height = whole(reader), width = whole(reader), channels = whole(reader);
  const int out_height = whole(reader), out_width = whole(reader);
  const int top = whole(reader), left = whole(reader), step = whole(reader);
  const size_t total = (size_t)batch * out_height * out_width * channels;
  for (size_t k = 0; k < total; k++) out[k] = 0;
  for (int n = 0; n < batch; n++)
    for (int i = 0; i < height; i++) {
      const int to = top + i * step;
      if (to < 0 || to >= out_height) continue;
      float *row = out + ((size_t)n * out_height + to) * out_width * channels;
      const float *from = in + ((size_t)n * height + i) * width * channels;
      if (step == 1) {
        const int first = left < 0 ? -left : 0, last = left + width > out_width ? out_width - left : width;
        for (int k = first * channels; k < last * channels; k++) row[left * channels + k] = from[k];
        continue;
      }
      for (int j = 0; j < width; j++) {
        const int at = left + j * step;
        if (at < 0 || at >= out_width) continue;
        for (int c = 0; c < channels; c++) row[(size_t)at * channels + c] = from[(size_t)j * channels + c];
      }
    }
}
