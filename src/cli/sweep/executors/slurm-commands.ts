/** The commands of Slurm that a sweep uses, and what they say. */
import { spawn } from 'node:child_process';
import { UsageError } from '../../../errors.js';

/** What a command leaves. */
interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A task of a job array. */
interface Task {
  /** Name of the job. */
  readonly name: string;
  /** Number of the array. */
  readonly job: string;
  readonly index: number;
  /** As squeue says it: PENDING, RUNNING, TIMEOUT, … */
  readonly state: string;
}

/** Greatest number of tasks of one job array, MaxArraySize. Throws UsageError `no-slurm` where Slurm is missing or silent. */
export async function arraySize(): Promise<number> {
  const { code, out, err } = await slurm('scontrol', ['show', 'config']);
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(out)?.[1]);
  if (code === 0 && size > 0) return size;
  throw new UsageError(
    'no-slurm',
    `expected a controller of Slurm that has job arrays, got ${shortly(err) || `MaxArraySize = ${size}`} (scontrol show config): ask who runs the cluster, or use --executor local`,
  );
}

/** Submits a script. Returns the number of the job, or why it was refused. */
export async function submit(
  args: readonly string[],
  script: string,
): Promise<{ readonly job: string } | { readonly refused: string }> {
  const { code, out, err } = await slurm('sbatch', ['--parsable', ...args], script);
  const job = /^(\d+)(;|$)/m.exec(out.trim())?.[1];
  return code === 0 && job !== undefined ? { job } : { refused: shortly(err) || `exit code ${code}` };
}

/** Tasks of the jobs with these names that wait or run, or ended some minutes ago; undefined if the controller does not answer. */
export async function tasksOf(names: readonly string[]): Promise<readonly Task[] | undefined> {
  if (names.length === 0) return [];
  const flags = ['--noheader', '--array', '--states=all', '--format=%j|%F|%K|%T'];
  const { code, out } = await slurm('squeue', [...flags, `--name=${names.join(',')}`]);
  if (code !== 0) return undefined;
  return out
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => {
      const [name, job, index, state] = line.trim().split('|');
      return { name: name!, job: job!, index: Number(index), state: state! };
    });
}

/** Ends tasks of a job array. */
export async function cancel(job: string, indices: readonly number[]): Promise<void> {
  // In pieces that fit into a command line.
  for (let i = 0; i < indices.length; i += 1000)
    await slurm('scancel', ['--quiet', `${job}_[${indices.slice(i, i + 1000).join(',')}]`]);
}

/** Without the name of the command, in one line. */
function shortly(err: string): string {
  return err
    .split('\n')
    .map((line) => line.replace(/^\w+: (error: )?/, '').trim())
    .filter(Boolean)
    .join('; ');
}

/** Runs a command of Slurm. Throws UsageError `no-slurm` where it is missing. */
function slurm(command: string, args: readonly string[], input = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    const said = { out: '', err: '' };
    for (const [stream, name] of [
      [child.stdout, 'out'],
      [child.stderr, 'err'],
    ] as const)
      stream.setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    child.on('error', () =>
      reject(
        new UsageError(
          'no-slurm',
          `expected the command ${command} of Slurm for --executor slurm, but it is not in the PATH: start the sweep where sbatch works (a login node; on some after \`module load slurm\`), or use --executor local`,
        ),
      ),
    );
    child.on('close', (code) => resolve({ code: code ?? 1, ...said }));
    // A command that ends before it has read everything says why by itself.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
