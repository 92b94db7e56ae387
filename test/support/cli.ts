/** The command `mycel`: in the process of the tests, which is much faster, or in one of its own. */
import { spawnSync } from 'node:child_process';
import { mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { main } from '../../src/cli/program.js';

/** The program's file. */
export const bin = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** What a command leaves: its exit code, and what it prints. */
interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command here, in the current folder. Modules that it loads stay as they are: where one is to be loaded again, or
 * the process is what is tested, use {@link mycelElsewhere}.
 */
export async function mycel(...args: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const say =
    (where: 'out' | 'err') =>
    (first: unknown, ...rest: unknown[]) => {
      said[where] += `${format(first, ...rest)}\n`;
    };
  const mocked = [mock.method(console, 'log', say('out')), mock.method(console, 'error', say('err'))];
  try {
    const code = await main(args);
    return { code, ...said };
  } finally {
    for (const { mock: one } of mocked) one.restore();
  }
}

/** Runs the command in another process, in the current folder. */
export function mycelElsewhere(...args: string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
