/** The task `train` by step programs: one node at a time. */
import type { Dataset } from '../data/dataset.js';
import type { Model } from '../models/model.js';
import { optimizerOf } from '../models/optimizers/index.js';
import { batchKind, rangeOf, rowsAt, STEP_SETTINGS, stepProgram } from '../models/step-programs.js';
import { type Frame, type Machine, NOWHERE, type Registers } from '../numeric/machine.js';
import { copyOf } from './params.js';
import type { TrainInput, TrainOutput } from './train.js';

/** What runs after each step: gets where the params and the arrays of the optimiser's state lie. */
type AfterStep = (at: { readonly params: number; readonly state: number }) => void;

/** Puts the params of a group back to what they are now. */
function holding(model: Model, held: 'body' | 'head', params: Float32Array): AfterStep {
  const { offset, length } = rangeOf(model, held);
  const values = params.slice(offset, offset + length);
  return () => params.set(values, offset);
}

/** Where the centre of the proximal term lies, or the shift with as many zeros behind it. */
function centerOf(frame: Frame, { proximal, shift }: TrainInput): number {
  if (!shift) return proximal ? frame.read(proximal.center) : 0;
  const both = frame.floats(2 * shift.length);
  both.numbers.fill(0);
  both.numbers.set(shift);
  return both.address;
}

/** The steps of one node; `model` and its optimiser have programs. `prepare` may give something to run after each step. */
export function trainByProgram(
  machine: Machine,
  { model, dataset, input }: { model: Model; dataset: Dataset; input: TrainInput },
  prepare?: (frame: Frame) => AfterStep,
): TrainOutput {
  const { batch, stepsTaken, trainable = 'all', held, clipNorm, proximal, shift } = input;
  const steps = input.rows.length / batch;
  const optimizer = optimizerOf(input.optimizer);
  const program = stepProgram(model, {
    batch: batchKind(dataset, input, batch),
    optimizer,
    trainable,
    clips: clipNorm !== undefined,
    pulls: proximal !== undefined,
    shifts: shift !== undefined,
  });
  return machine.frame((frame) => {
    const params = copyOf(machine, frame, input.params);
    const state = frame.state(optimizer.stateArrays * model.length, input.optimizerState);
    const rows = rowsAt(frame, dataset, input);
    const losses = frame.doubles(steps);
    const width = STEP_SETTINGS + optimizer.program!.settings(1).length;
    const settings = frame.floats(steps * width);
    for (let step = 0; step < steps; step++) {
      settings.numbers[step * width] = clipNorm ?? 0;
      settings.numbers[step * width + 1] = shift ? 1 : (proximal?.weight ?? 0);
      settings.numbers.set(optimizer.program!.settings(stepsTaken + step + 1), step * width + STEP_SETTINGS);
    }
    const center = centerOf(frame, input);
    const afterStep = prepare?.(frame) ?? (held && holding(model, held, params.numbers));
    const strides = { ...NOWHERE, rows: 4 * batch, labels: 4 * batch, settings: 4 * width, results: 8 };
    const atOnce = afterStep ? 1 : steps;
    for (let step = 0; step < steps; step += atOnce) {
      const registers: Registers = {
        ...rows.from(step * batch),
        params: params.address,
        state: state.address,
        settings: settings.address + step * 4 * width,
        center,
        results: losses.address + step * 8,
      };
      machine.run(program, registers, atOnce, strides);
      afterStep?.({ params: params.address, state: state.address });
    }
    let lossSum = 0;
    for (const loss of losses.numbers) lossSum += loss / batch;
    return {
      params: frame.keep(params, { sent: true }),
      optimizerState: optimizer.stateArrays === 0 ? null : frame.keep(state),
      loss: lossSum / steps,
    };
  });
}
