/** The task `train` by step programs: one node at a time. */
import type { Dataset } from '../data/dataset.js';
import type { Model } from '../models/model.js';
import { optimizerOf } from '../models/optimizers/index.js';
import { batchKind, rowsAt, STEP_SETTINGS, stepProgram } from '../models/step-programs.js';
import type { Frame, Machine } from '../numeric/machine.js';
import { copyOf } from './params.js';
import type { TrainInput, TrainOutput } from './train.js';

/** What runs after each step: gets where the params and the arrays of the optimiser's state lie. */
type AfterStep = (at: { readonly params: number; readonly state: number }) => void;

/** The steps of one node; `model` and its optimiser have programs. `prepare` may give something to run after each step. */
export function trainByProgram(
  machine: Machine,
  { model, dataset, input }: { model: Model; dataset: Dataset; input: TrainInput },
  prepare?: (frame: Frame) => AfterStep,
): TrainOutput {
  const { batch, stepsTaken, trainable = 'all', clipNorm, proximal } = input;
  const steps = input.rows.length / batch;
  const optimizer = optimizerOf(input.optimizer);
  const program = stepProgram(model, {
    ...batchKind(dataset, input, batch),
    optimizer,
    trainable,
    clips: clipNorm !== undefined,
    pulls: proximal !== undefined,
  });
  return machine.frame((frame) => {
    const params = copyOf(machine, frame, input.params);
    const state = frame.state(optimizer.stateArrays * model.length, input.optimizerState);
    const rows = rowsAt(frame, dataset, input);
    const loss = frame.doubles(1);
    const center = proximal ? frame.read(proximal.center) : 0;
    const settings = frame.floats(STEP_SETTINGS + optimizer.program!.settings(1).length);
    settings.numbers[0] = clipNorm ?? 0;
    settings.numbers[1] = proximal?.weight ?? 0;
    const afterStep = prepare?.(frame);
    let lossSum = 0;
    for (let step = 0; step < steps; step++) {
      settings.numbers.set(optimizer.program!.settings(stepsTaken + step + 1), STEP_SETTINGS);
      machine.run(program, {
        ...rows.from(step * batch),
        params: params.address,
        state: state.address,
        settings: settings.address,
        center,
        results: loss.address,
      });
      lossSum += loss.numbers[0]! / batch;
      afterStep?.({ params: params.address, state: state.address });
    }
    return {
      params: frame.keep(params, { sent: true }),
      optimizerState: optimizer.stateArrays === 0 ? null : frame.keep(state),
      loss: lossSum / steps,
    };
  });
}
