/** Data as text for the inert elements of a page. */
import { deflateRawSync } from 'node:zlib';

/** Deflated bytes in base64: no character of it means anything in HTML. */
export function encoded(bytes: Uint8Array | string): string {
  return deflateRawSync(bytes, { level: 9 }).toString('base64');
}
