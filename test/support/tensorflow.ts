/** For tests that run on the optional backend where it is installed. */

import { type LoadedBackend, loadBackend } from '../../src/compute/backend.js';
import type { BackendName } from '../../src/compute/task.js';
import { UsageError } from '../../src/errors.js';

/** TensorFlow's threads in every test: a process can't change them. */
export const TEST_THREADS = 2;

/** A backend for tests, or why they are skipped: a missing tfjs-node is a reason, anything else is an error. */
export async function loadForTest(
  name: BackendName,
): Promise<{ backend: LoadedBackend; skip?: never } | { backend?: never; skip: string }> {
  try {
    return { backend: await loadBackend(name, TEST_THREADS) };
  } catch (error) {
    // `required` or why it could not be installed: `.ci/run` says so.
    const known = process.env.MYCEL_TENSORFLOW;
    if (!(error instanceof UsageError) || error.code !== 'no-tensorflow' || known === 'required') throw error;
    return { skip: `skipped: tfjs-node not installed (${known ?? error.message})` };
  }
}
