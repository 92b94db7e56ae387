// Updates what pages in docs/ quote from files and commands: `node scripts/quotes.mjs`.
import { readFileSync, writeFileSync } from 'node:fs';
import { quotingPages, withQuotes } from './docs/quotes.mjs';

for (const path of quotingPages('.')) writeFileSync(path, withQuotes(readFileSync(path, 'utf8'), '.'));
