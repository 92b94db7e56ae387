// Removes dist/ before a build, so that it has no module or test whose source was deleted.
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
