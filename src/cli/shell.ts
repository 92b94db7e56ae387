/** Command lines that people can paste into a shell. */

/** `mycel` with these arguments, quoted for a POSIX shell if they need it. */
export function commandLine(words: readonly string[]): string {
  return ['mycel', ...words.map(shellWord)].join(' ');
}

/** The word, quoted for a POSIX shell if it needs it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
