/** The version of Mycel, and the machine on which it runs. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { createMachine, fastestBackend } from '../compute/machines.js';
import type { Bytes } from '../units.js';

/** `0.1.0`, from package.json. */
export function mycelVersion(): string {
  // From dist/src/cli/.
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** `0.1.0 (backend native, AVX-512)`: the version, and the backend that `auto` chooses here. */
export function versionText(): string {
  const { name, note } = fastestBackend();
  const engine = createMachine(name).engine.instructions;
  return `${mycelVersion()} (backend ${name}, ${engine}${note === undefined ? '' : `; ${note}`})`;
}

/** Facts that may differ between two machines with the same result. */
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

/** Memory that this process may use: that of the machine, or less if a container limits it. */
export function availableMemory(): Bytes {
  // 0, or more than any machine has, if there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
