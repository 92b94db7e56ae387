/**
 * my-model: two hidden layers, of which the second is narrow. The narrow one and the output are the head, which methods
 * such as deprl keep on the node.
 *
 * A model of built-in layers runs on every backend, compiled. Layers: dense, convolution, relu, elu, maxPooling … of
 * mycel/models.
 */
import { dense, layered, lengthOf, relu } from 'mycel/models';
import { UsageError, z } from 'mycel/plugin';

const options = z.strictObject({
  wide: z.int().min(1).default(64).describe('units of the first hidden layer'),
  narrow: z.int().min(1).default(16).describe('units of the second hidden layer'),
});

const model = {
  id: 'my-model',
  description: 'a wide hidden layer, then a narrow one',
  options,
  // `input` is the shape of a sample, `classes` is 0 for regression. Called in every thread: the same spec must give the
  // same model.
  build(spec) {
    const { wide, narrow } = spec.options;
    if (spec.classes === 0)
      throw new UsageError('regression', 'expected data with classes for my-model, got regression', 'model');
    const layers = [
      dense('dense1', { inputs: lengthOf(spec.input), outputs: wide }),
      relu(wide),
      dense('dense2', { inputs: wide, outputs: narrow }),
      relu(narrow),
      dense('dense3', { inputs: narrow, outputs: spec.classes }),
    ];
    // The last two layers with params are the head.
    return layered(spec, layers, 2);
  },
};

export default model;
