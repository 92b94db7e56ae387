/** From a data set to a batch, as in `c/rows.c`. */
import type { Operands } from './operands.js';

export function gather(at: Operands): void {
  const out = at.floats();
  const data = at.place();
  const [rows, order] = [at.addresses(), at.addresses()];
  const [batch, length, bytes, ordered] = [at.whole(), at.whole(), at.whole(), at.whole()];
  const scale = at.number();
  const stored = bytes ? at.memory.bytes.subarray(data) : at.memory.floats.subarray(data / 4);
  for (let b = 0; b < batch; b++) {
    const from = rows[b]! * length;
    for (let i = 0; i < length; i++) {
      out[b * length + i] = stored[from + (ordered ? order[i]! : i)]! * scale;
    }
  }
}
