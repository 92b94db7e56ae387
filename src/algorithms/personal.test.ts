/** What algorithms declare as personal is there, and is learned: `mycel check` holds them to keep it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../testing/plans.js';
import { readAtEnd } from '../testing/run.js';
import { algorithms } from './index.js';

/** Algorithms by what stays on a node, in numbers of float32 and float64; options that the defaults do not have. */
const PERSONAL: Readonly<
  Record<string, { readonly numbers: number; readonly options?: object; readonly model?: string }>
> = {
  // An MLP of 6, 8 and 3 units has 56 params in its body, 27 in its head and 72 kernel weights.
  deprl: { numbers: 3 * 27 },
  dfedpgp: { numbers: 3 * 27 },
  // Without hidden units, some of which learn nothing.
  ditto: { numbers: 6 * 3 + 3, model: 'softmax' },
  fedmask: { numbers: 72 },
  fedper: { numbers: 2 * 27 },
  fedrep: { numbers: 2 * 27 },
  l2c: { numbers: 3 * 4 },
  'mce-pl': { numbers: 2 * 72 },
  'meta-l2c': { numbers: 2 * 4 },
  // Three auxiliary heads, and momentum.
  mhd: { numbers: 2 * (83 + 3 * 27), options: { mode: 'predictions', publicBatch: 8 } },
  transference: { numbers: 3 * 27, options: { learningRate: 0.01 } },
};

for (const { id, roles } of algorithms) {
  const { numbers, options, model = { use: 'mlp', hidden: [8] } } = PERSONAL[id] ?? { numbers: 0 };
  test(`${id} declares ${numbers} personal numbers on each node, and learns them`, async () => {
    const plan = planOf({
      algorithm: { use: id, batch: 8, ...options },
      data: {
        use: 'blobs',
        features: 6,
        classes: 3,
        train: 120,
        test: 30,
        validation: '20%',
        publicRows: 20,
      },
      model,
      ...(roles ? {} : { topology: 'complete' }),
    } as never);
    const all = await readAtEnd(plan, (world) =>
      [0, 1].map((node) => world.actors.personal(node).flatMap((own) => Array.from<number>(own))),
    );
    for (const own of all) assert.equal(own.length, numbers);
    if (numbers > 0) assert.notDeepEqual(all[0], all[1]);
  });
}
