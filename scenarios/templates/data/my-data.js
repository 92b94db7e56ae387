/**
 * my-data: two half circles that reach into each other, with noise; one class each. Two features.
 *
 * The same options, number of nodes and random stream must give the same samples, bit by bit.
 */
import { sharedFloats, sharedLabels, z } from 'mycel/plugin';

const options = z.strictObject({
  train: z.int().min(2).default(400).describe('training samples'),
  test: z.int().min(2).default(200).describe('test samples'),
  noise: z.number().min(0).default(0.15).describe('standard deviation of what is added to each feature'),
});

// Sine and cosine may differ in their last bit between versions of JavaScript; the points of a circle with whole
// coordinates need neither. Such a point is found from a number t: ((1 − t²)/(1 + t²), 2t/(1 + t²)).
const onCircle = (t) => [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)];

const source = {
  id: 'my-data',
  description: 'two half circles that reach into each other',
  options,
  // To read files instead: paths of a scenario start from `context.directory`.
  async load({ train, test, noise }, { random }) {
    const rows = train + test;
    // In memory that all threads can read.
    const features = sharedFloats(2 * rows);
    const labels = sharedLabels(rows);
    for (let row = 0; row < rows; row++) {
      const label = row % 2;
      const side = random.uniform() < 0.5 ? 1 : -1;
      const [along, up] = onCircle(random.uniform());
      const x = label === 0 ? side * along : 1 - side * along;
      const y = label === 0 ? up : 0.5 - up;
      features[2 * row] = x + noise * random.normal();
      features[2 * row + 1] = y + noise * random.normal();
      labels[row] = label;
    }
    // Rows are those for training, then those for tests. A stored number v means the feature v × scale.
    return { id: 'my-data', shape: [2], features, scale: 1, labels, classes: 2, train, test };
  },
};

export default source;
