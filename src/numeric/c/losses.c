// What is learned from logits: probabilities, losses and their gradients; and how right they are.
#include "functions.h"

// e^(logit − greatest of the row), and the float32 sum of them over the classes in order.
static float exponentials(float *restrict out, const float *restrict logits, int classes, float *greatest) {
  float most = logits[0], total = 0;
  for (int c = 1; c < classes; c++) most = logits[c] > most ? logits[c] : most;
  for (int c = 0; c < classes; c++) out[c] = exp_32(logits[c] - most);
  for (int c = 0; c < classes; c++) total += out[c];
  *greatest = most;
  return total;
}

static void op_softmax(Reader *reader) {
  float *out = place(reader);
  const float *logits = place(reader);
  const int rows = whole(reader), classes = whole(reader);
  for (int r = 0; r < rows; r++, out += classes, logits += classes) {
    float greatest;
    const float total = exponentials(out, logits, classes, &greatest);
    for (int c = 0; c < classes; c++) out[c] = out[c] / total;
  }
}

// The gradient of the mean cross-entropy by the logits, (probabilities − one-hot) / rows. `loss` gets the float64 sum of
// the losses over the rows in order, ln(total) − (logit of the label − greatest).
static void op_cross_entropy(Reader *reader) {
  float *gradient = place(reader);
  double *loss = place(reader);
  const float *logits = place(reader);
  const int32_t *labels = place(reader);
  const int rows = whole(reader), classes = whole(reader);
  const float share = (float)rows;
  double sum = 0;
  for (int r = 0; r < rows; r++, gradient += classes, logits += classes) {
    float greatest;
    const float total = exponentials(gradient, logits, classes, &greatest);
    const int label = labels[r];
    sum += log_64((double)total) - (double)(logits[label] - greatest);
    for (int c = 0; c < classes; c++) gradient[c] = gradient[c] / total;
    gradient[label] -= 1.0f;
    for (int c = 0; c < classes; c++) gradient[c] = gradient[c] / share;
  }
  *loss = sum;
}

// Adds to `totals`, float64: the cross-entropies of the rows, and how many rows have their label's logit greatest. Ties go
// to the lowest class; a row with a logit that is no finite number is never right. `room` is for `classes` numbers.
static void op_score(Reader *reader) {
  double *totals = place(reader);
  float *room = place(reader);
  const float *logits = place(reader);
  const int32_t *labels = place(reader);
  const int rows = whole(reader), classes = whole(reader);
  for (int r = 0; r < rows; r++, logits += classes) {
    int best = 0;
    for (int c = 1; c < classes; c++) best = logits[c] > logits[best] ? c : best;
    float greatest;
    const float total = exponentials(room, logits, classes, &greatest);
    totals[0] += log_64((double)total) - (double)(logits[labels[r]] - greatest);
    totals[1] += best == labels[r] && total - total == 0.0f ? 1.0 : 0.0;
  }
}
