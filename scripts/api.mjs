// Writes docs/api.md from the entry points and their docstrings: `npm run docs:api`.
import { writeFileSync } from 'node:fs';
import { apiPage } from '../dist/test/support/api-page.js';

writeFileSync('docs/api.md', apiPage());
