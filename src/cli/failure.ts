/** The text that is printed when a command fails, and its exit code. */
import { EXIT, printable, UsageError } from '../errors.js';
import { mycelVersion } from './machine.js';

/** The error of a run, with the command that repeats that run alone. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly command: string;

  constructor(cause: unknown, command: string) {
    super('a run failed', { cause });
    this.command = command;
  }
}

/** A UsageError gives its message alone; any other error is followed by the command that reproduces it, and has its stack. */
export function failure(error: unknown, command: string): { readonly text: string; readonly code: number } {
  if (error instanceof RunFailure) return failure(error.cause, error.command);
  if (error instanceof UsageError) return { text: printable(error.message), code: EXIT.usage };
  const lines = [
    error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error),
    ...causes(error),
    '',
    `reproduce: ${command}`,
    `mycel ${mycelVersion()}, node ${process.version}, ${process.platform} ${process.arch}`,
  ];
  return { text: printable(lines.join('\n')), code: EXIT.bug };
}

function causes(error: unknown): string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return [];
  return [
    `caused by ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
    ...causes(cause),
  ];
}
