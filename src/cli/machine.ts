/** The version of Mycel, and the machine that it runs on. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Bytes } from '../units.js';

/** `0.1.0`, from package.json. */
export function mycelVersion(): string {
  // From dist/src/cli/.
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What may differ between two machines that give the same result. */
interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() || 'unknown',
  };
}

/** Memory that this process may use: that of the machine, or less where a container limits it. */
export function availableMemory(): Bytes {
  // 0 or a number beyond all memory where there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
