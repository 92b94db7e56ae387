/** Real servers for tests, in the folder of a test, without systemd. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter } from 'node:path';

/** Servers are in folders that only root has in the PATH. */
const environment = () => ({
  ...process.env,
  PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter),
});

/** Why the tests of these programs are skipped; false where all of them are installed. */
export function missing(programs: readonly string[], packages: string): string | false {
  const absent = programs.filter((program) => {
    try {
      execFileSync('sh', ['-c', 'command -v "$0"', program], { env: environment(), stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  if (absent.length === 0) return false;
  return `skipped: ${absent.join(', ')} not installed (apt-get install ${packages})`;
}

/** A server that runs until `stop`, or until this process ends, in whatever way. */
export class Server {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** What it prints goes to the file `log`. */
  constructor(command: string, args: readonly string[], log: string) {
    const output = openSync(log, 'a');
    // The shell reads until the end of its input, and this process never writes.
    const script = '"$@" & server=$!; read -r _; kill -9 $server; wait';
    this.#shell = spawn('sh', ['-c', script, 'sh', command, ...args], {
      env: environment(),
      stdio: ['pipe', output, output],
    });
    closeSync(output);
    this.#ended = once(this.#shell, 'exit');
  }

  async stop(): Promise<void> {
    this.#shell.stdin?.end();
    await this.#ended;
  }
}

/** Port numbers that nobody uses now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Waits until it is so. Throws with what `log` holds if it is not within half a minute. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  log?: string,
): Promise<void> {
  for (const end = Date.now() + 30_000; !(await isSo()); ) {
    if (Date.now() > end)
      throw new Error(`waited half a minute until ${what}${log ? `:\n${readFileSync(log, 'utf8')}` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
