/** JPEG files for tests. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import encode, { init } from '@jsquash/jpeg/encode.js';

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

let ready: Promise<unknown> | undefined;

/** The file of an image [height × width × 4]. */
export async function encodeJpeg(
  image: { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number },
  quality: number,
): Promise<Uint8Array> {
  const file = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
  ready ??= readFile(file).then(async (bytes) =>
    (init as (module: object) => Promise<unknown>)(await WebAssembly.compile(bytes)),
  );
  await ready;
  return new Uint8Array(await encode(image as never, { quality }));
}
