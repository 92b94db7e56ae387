/** The fingerprint of params. */
import { createHash } from 'node:crypto';
import { byCodeUnit } from '../errors.js';
import type { Evaluated } from '../learning/algorithm.js';
import { valuesOf } from '../learning/params.js';

/** SHA-256 over nodes, labels and little-endian float32 params, in node order; the first 16 hex digits. */
export function paramsFingerprint(evaluated: ReadonlyArray<Readonly<Record<string, Evaluated>>>): string {
  const hash = createHash('sha256');
  for (const [node, models] of evaluated.entries()) {
    for (const label of Object.keys(models).sort(byCodeUnit)) {
      const params = valuesOf(models[label]!.params);
      hash.update(`${node}/${label}/${params.length}\n`);
      hash.update(new Uint8Array(params.buffer, params.byteOffset, params.byteLength));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
