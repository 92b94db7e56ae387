/** `mycel check`: what takes long to shrink, since threads are started again and again. */
import { test } from 'node:test';
import { checkCaught } from './support/checks.js';
import { workIn } from './support/work-in.js';

workIn('mycel-check-long-');

test('a plugin that breaks "workers" is shrunk to at most four nodes', async () => {
  await checkCaught('workers');
});
