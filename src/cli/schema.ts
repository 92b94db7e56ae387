/** `mycel schema`. */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { scenarioJsonSchema } from '../scenario/json-schema.js';

/** Writes the JSON Schema of scenario files to a file, or returns its text where none is named. */
export function schemaCommand({ out }: { readonly out?: string }): string {
  const text = JSON.stringify(scenarioJsonSchema(), null, 1);
  if (out === undefined) return text;
  try {
    writeFileSync(out, `${text}\n`);
  } catch (error) {
    throw new UsageError(
      'unwritable',
      `${out}: expected a file that can be written: ${(error as Error).message}`,
    );
  }
  return `${out}: name it in the first line of a scenario, by its path from there: # yaml-language-server: $schema=${out}`;
}
