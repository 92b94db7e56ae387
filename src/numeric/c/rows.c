// From a data set to a batch.
#include "kernels.h"

// `rows` of a data set, times `scale`: float32 [batch × length]. Stored as bytes or as float32. Where a node sees the
// features in another order, `order` says which of the row's numbers stands at each place: uint32 [length].
static void op_gather(Reader *reader) {
  float *restrict out = place(reader);
  const void *data = place(reader);
  const uint32_t *rows = place(reader), *order = place(reader);
  const int batch = whole(reader), length = whole(reader), bytes = whole(reader), ordered = whole(reader);
  const float scale = number(reader);
  for (int b = 0; b < batch; b++, out += length) {
    if (bytes) {
      const uint8_t *restrict row = (const uint8_t *)data + (size_t)rows[b] * length;
      if (ordered)
        for (int i = 0; i < length; i++) out[i] = (float)row[order[i]] * scale;
      else
        for (int i = 0; i < length; i++) out[i] = (float)row[i] * scale;
    } else {
      const float *restrict row = (const float *)data + (size_t)rows[b] * length;
      if (ordered)
        for (int i = 0; i < length; i++) out[i] = row[order[i]] * scale;
      else
        for (int i = 0; i < length; i++) out[i] = row[i] * scale;
    }
  }
}
