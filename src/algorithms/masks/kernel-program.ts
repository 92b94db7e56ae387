/** Programs that do the same for each kernel of a mask. */
import { type Program, type ProgramBuilder, ProgramTable } from '../../numeric/program.js';
import type { MaskedKernel, MaskLayout } from './masks.js';

const programs = new ProgramTable();

/**
 * The program of what `emit` puts together for each kernel; it is made once for a name and a layout. The key takes O(kernels),
 * so a loop over steps should ask for it beforehand.
 */
export function kernelProgram(
  name: string,
  { kernels }: MaskLayout,
  emit: (builder: ProgramBuilder, kernel: MaskedKernel) => void,
): Program {
  const places = kernels.map(({ offset, from, length, units }) => [offset, from, length, units]);
  return programs.get(JSON.stringify([name, places]), (builder) => {
    for (const kernel of kernels) emit(builder, kernel);
  });
}
