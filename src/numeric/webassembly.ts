/** What is used of WebAssembly: TypeScript has its types only together with those of browsers. */

/** Memory that threads share. */
export interface SharedMemory {
  /** A new object each time that it has grown; what was there before is there still. */
  readonly buffer: SharedArrayBuffer;
  /** By so many pages of 64 KiB. */
  grow(pages: number): number;
}

interface Constructors {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

declare const WebAssembly: Constructors;

export const { Memory, Module, Instance } = WebAssembly;
