// Tiles of matrix products in registers of LANES numbers; included once for each number of lanes that the target has.

typedef float LANED(lanes) __attribute__((vector_size(4 * LANES)));
typedef float LANED(unaligned) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

// The first columns of a register.
static inline ALWAYS void LANED(store)(float *out, LANED(lanes) sums, int columns) {
  if (columns >= LANES)
    *(LANED(unaligned) *)out = sums;
  else
#if LANES == 16
    _mm512_mask_storeu_ps(out, (__mmask16)((1 << columns) - 1), sums);
#else
    for (int c = 0; c < columns; c++) out[c] = sums[c];
#endif
}

// A tile: `rows` × `vectors` registers of results. Both numbers are constants wherever it is called. Where a row has fewer
// columns than a register, the others hold what lies behind it, and are not stored.
static inline ALWAYS void LANED(tile)(const int rows, const int vectors, const Product *p, const float *const *left,
                                      const int *column, float *out) {
  LANED(lanes) sum[MOST_ROWS][TILE_VECTORS];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (LANED(lanes)){0};
  for (int i = 0; i < p->outer.steps; i++) {
    for (int j = 0; j < p->middle.steps; j++) {
      const size_t from = (size_t)i * p->outer.left + (size_t)j * p->middle.left;
      const float *down[MOST_ROWS], *across[TILE_VECTORS];
      UNROLL for (int r = 0; r < rows; r++) down[r] = left[r] + from;
      UNROLL for (int v = 0; v < vectors; v++)
        across[v] = p->right + column[v] + (size_t)i * p->outer.right + (size_t)j * p->middle.right;
      NO_UNROLL for (int k = 0; k < p->inner.steps; k++) {
        LANED(lanes) factor[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) factor[v] = *(const LANED(unaligned) *)across[v];
        UNROLL for (int r = 0; r < rows; r++) {
          const LANED(lanes) other = *down[r] - (LANED(lanes)){0};
          UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = sum[r][v] + other * factor[v];
        }
        UNROLL for (int r = 0; r < rows; r++) down[r] += p->inner.left;
        UNROLL for (int v = 0; v < vectors; v++) across[v] += p->inner.right;
      }
    }
  }
  UNROLL for (int v = 0; v < vectors; v++) {
    if (p->bias) {
      const LANED(lanes) added = *(const LANED(unaligned) *)(p->bias + column[v]);
      UNROLL for (int r = 0; r < rows; r++) sum[r][v] = sum[r][v] + added;
    }
    UNROLL for (int r = 0; r < rows; r++)
      LANED(store)(out + (size_t)r * p->columns + column[v], sum[r][v], p->columns);
  }
}

// `vectors` registers of columns, all rows. The last rows are computed twice where tiles do not fit: the same numbers.
static inline ALWAYS void LANED(panel)(const int vectors, const Product *p, const int *column) {
  const int rows = ROWS_OF(vectors);
  const float *left[MOST_ROWS];
  RowCursor cursor = rows_from(p, 0);
  if (p->rows < rows) {
    for (int row = 0; row < p->rows; row++) {
      left[0] = next_row(p, &cursor);
      LANED(tile)(1, vectors, p, left, column, p->out + (size_t)row * p->columns);
    }
    return;
  }
  for (int next = 0; next < p->rows; next += rows) {
    const int row = next + rows <= p->rows ? next : p->rows - rows;
    if (row < next) cursor = rows_from(p, row);
    UNROLL for (int r = 0; r < rows; r++) left[r] = next_row(p, &cursor);
    LANED(tile)(rows, vectors, p, left, column, p->out + (size_t)row * p->columns);
  }
}

// All columns. The last register overlaps the one before it where they do not fit.
static void LANED(product)(const Product *p) {
  if (p->columns < LANES) return LANED(panel)(1, p, (const int[]){0});
  int next = 0;
  for (; p->columns - next > LANES; next += 2 * LANES) {
    const int second = next + 2 * LANES <= p->columns ? next + LANES : p->columns - LANES;
    LANED(panel)(2, p, (const int[]){next, second});
  }
  if (next < p->columns) LANED(panel)(1, p, (const int[]){p->columns - LANES});
}
