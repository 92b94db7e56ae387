/**
 * Params as numbers, or as the weighted sum of vectors that they are. A sum is computed by the task that needs it, in
 * whatever thread runs it, and with the same bits as anywhere else: so mixing does not hold up the events of the run.
 */
import { type Frame, type Machine, NOWHERE } from '../numeric/machine.js';
import { at, type Program, ProgramTable } from '../numeric/program.js';
import { sharedMemory, vectorMachine } from '../numeric/thread.js';
import { isOutline } from '../outline.js';

/** Σ weights[k] · vectors[k], float32 [params]; the vectors are frozen and of one length. Plain data. @public */
export interface WeightedSum {
  readonly weights: readonly number[];
  readonly vectors: readonly Float32Array[];
}

/** Params where they may still be a sum; {@link valuesOf} computes it. @public */
export type Params = Float32Array | WeightedSum;

/** Whether something is params; a plugin may give anything. */
export function isParams(value: unknown): value is Params {
  if (value instanceof Float32Array) return true;
  const vectors = (value as Partial<WeightedSum> | null | undefined)?.vectors;
  return Array.isArray(vectors) && vectors[0] instanceof Float32Array;
}

/** Number of params. */
export function lengthOfParams(params: Params): number {
  return params instanceof Float32Array ? params.length : params.vectors[0]!.length;
}

/**
 * The numbers of params, float32 [params]: always summed in the order of the vectors, in float64, and rounded once. A sum
 * is computed each time.
 * @public
 */
export function valuesOf(params: Params): Float32Array {
  if (params instanceof Float32Array) return params;
  return params.vectors.every(isOutline) ? params.vectors[0]! : sumOn(vectorMachine(), params);
}

/** {@link valuesOf} within a task, whose machine it uses. */
export function valuesWithin(machine: Machine | undefined, params: Params): Float32Array {
  return params instanceof Float32Array ? params : sumOn(machine ?? vectorMachine(), params);
}

/** Float32 numbers that programs may change, of a frame. */
type OwnParams = ReturnType<Frame['floats']>;

/** A copy of params that programs may change. */
export function copyOf(machine: Machine, frame: Frame, params: Params): OwnParams {
  if (params instanceof Float32Array) return frame.copy(params);
  const sum = frame.floats(lengthOfParams(params));
  sumInto(machine, frame, params, sum.address);
  return sum;
}

/** Where programs read params. */
export function readParams(machine: Machine, frame: Frame, params: Params): number {
  return params instanceof Float32Array ? frame.read(params) : copyOf(machine, frame, params).address;
}

/** Whether nobody may change params: a sum, or the output of a task or of {@link valuesOf}. */
export function isFrozen(params: Params): boolean {
  return !(params instanceof Float32Array) || sharedMemory().resident.isAdopted(params);
}

/** Whether every number is finite. */
export function areFinite(params: Params): boolean {
  if (!(params instanceof Float32Array)) return isMeanOfFinite(params) || areFinite(valuesOf(params));
  if (sharedMemory().resident.isFinite(params)) return true;
  const machine = vectorMachine();
  return machine.frame((frame) => machine.isFinite(frame.readOnce(params), params.length));
}

/** Σ weights ≤ 1 up to this: far less than the half unit in the last place by which the greatest float32 would overflow. */
const SUM_TOLERANCE = 1e-9;

/** Whether vectors are known to be finite, and their sum is too since it lies between them. */
function isMeanOfFinite({ weights, vectors }: WeightedSum): boolean {
  const { resident } = sharedMemory();
  let total = 0;
  for (const weight of weights) {
    if (!(weight >= 0)) return false;
    total += weight;
  }
  return total <= 1 + SUM_TOLERANCE && vectors.every((vector) => resident.isFinite(vector));
}

function sumOn(machine: Machine, sum: WeightedSum): Float32Array {
  return machine.frame((frame) => frame.keep(copyOf(machine, frame, sum)));
}

function sumInto(machine: Machine, frame: Frame, { weights, vectors }: WeightedSum, results: number): void {
  const factors = frame.doubles(weights.length);
  factors.numbers.set(weights);
  const addresses = frame.addresses(vectors);
  const program = sumProgram(vectors.length, vectors[0]!.length);
  machine.run(program, { ...NOWHERE, results, state: factors.address, data: addresses });
}

const programs = new ProgramTable();

/** The sum of so many vectors of one length. */
function sumProgram(count: number, length: number): Program {
  return programs.get(`${count} ${length}`, (builder) => {
    builder.emit('mix', [at('results'), at('data'), at('state')], [count, length]);
  });
}
