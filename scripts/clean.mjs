// Removes what an earlier build left behind, so that a deleted source leaves no test or module in dist/.
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
