/** How far the nodes' mean representation is from the true one, where generated data know it. */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { buildModel } from '../models/index.js';
import type { Slice } from '../models/model.js';
import type { Probe, ProbeView } from './probe.js';

/**
 * ‖(I − B*B*ᵀ) Q‖₂², the squared sine of the largest angle between two subspaces (Collins et al., Exploiting Shared
 * Representations for Personalized Federated Learning, ICML 2021, their principal angle distance): Q is an orthonormal
 * basis (QR) of the mean over nodes of the first body slice of two dimensions, B* the `truth.representation` of the
 * dataset, with orthonormal columns. 0: it lies within the true one; 1: a direction of it is orthogonal to that. NaN
 * where the params are no longer finite.
 *
 * @throws UsageError `no-truth` for data that know no true representation; `no-representation` for models whose body
 * has no matrix with its number of rows
 */
export const representationDistance: Probe<Record<string, never>> = {
  id: 'representation-distance',
  description:
    'squared sine of the largest angle between the mean representation and the true one: ‖(I − B*B*ᵀ) Q(mean φ)‖₂²',
  options: z.strictObject({}),
  measure: (view) => [{ metric: 'representation-distance', value: distance(meanRepresentation(view)) }],
};

interface Representations {
  /** [features × rank], of orthonormal columns. */
  readonly truth: Matrix;
  /** [features × columns]. */
  readonly mean: Matrix;
}

function meanRepresentation({ dataset, model, nodes }: ProbeView): Representations {
  const truth = dataset.truth?.representation;
  if (truth === undefined) {
    throw new UsageError(
      'no-truth',
      'probe "representation-distance": expected data that know their true representation, such as ' +
        `"linear-representation", got "${dataset.id}"`,
      'measure.probes',
    );
  }
  const slice = matrixOf(buildModel(model).slices, truth.length);
  const [features, columns] = slice.shape as [number, number];
  const vectors = nodes.flatMap(({ evaluated }) => Object.values(evaluated).slice(0, 1));
  const mean = Matrix.zeros(features, columns);
  for (const { params } of vectors) {
    for (let i = 0; i < slice.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      mean.set(row, column, mean.get(row, column) + params[slice.offset + i]! / vectors.length);
    }
  }
  return { truth: Matrix.from1DArray(features, truth.length / features, truth), mean };
}

function matrixOf(slices: readonly Slice[], truthLength: number): Slice {
  const found = slices.find(({ group, shape }) => group === 'body' && shape.length === 2);
  const [features, columns] = found?.shape ?? [];
  if (found && truthLength % features! === 0 && columns! <= features!) return found;
  const got = found ? `${found.name} [${found.shape.join(' × ')}]` : 'none';
  throw new UsageError(
    'no-representation',
    'probe "representation-distance": expected a model whose body has a matrix [features × rank] with the features of ' +
      `the true one (${truthLength} numbers), such as "linear-representation", got ${got}`,
    'measure.probes',
  );
}

function distance({ truth, mean }: Representations): number {
  if (!mean.to1DArray().every(Number.isFinite)) return Number.NaN;
  const basis = new QrDecomposition(mean).orthogonalMatrix;
  const rest = Matrix.sub(basis, truth.mmul(truth.transpose().mmul(basis)));
  const squares = rest.transpose().mmul(rest);
  return Math.max(0, ...new EigenvalueDecomposition(squares, { assumeSymmetric: true }).realEigenvalues);
}
