/**
 * low-rank: softmax regression whose kernel is the product of two thin ones, inputs × rank and rank × classes. It has
 * fewer params than `softmax` where the rank is small, so its messages are shorter.
 */
import { dense, layered, lengthOf } from 'mycel/models';
import { UsageError, z } from 'mycel/plugin';

export default {
  id: 'low-rank',
  description: 'softmax regression with a kernel of low rank',
  options: z.strictObject({
    rank: z.int().min(1).default(8).describe('rank of the kernel, below the number of classes'),
  }),
  build(spec) {
    const { input, classes, options } = spec;
    if (!(options.rank < classes)) {
      throw new UsageError(
        'rank',
        `expected a rank below the number of classes, ${classes}, got ${options.rank}: with more it saves nothing`,
        'model.rank',
      );
    }
    // The first layer is the body, which methods with personal heads share; the last one is the head.
    return layered(spec, [
      dense('down', { inputs: lengthOf(input), outputs: options.rank, bias: false }),
      dense('up', { inputs: options.rank, outputs: classes }),
    ]);
  },
};
