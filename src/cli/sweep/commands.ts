/** Options of `mycel sweep` that say who carries out its runs, and the command `mycel sweep worker`. */
import { Command, Option } from 'commander';
import { asArgument, parseJobs } from '../arguments.js';
import { EXECUTORS } from './executors/index.js';
import { parseRedis } from './executors/redis.js';
import { parseLease, type WorkerFlags, workerCommand } from './executors/worker.js';

const redis = () =>
  new Option('--redis <url>', 'the Redis server of --executor bullmq and of its workers')
    .env('MYCEL_REDIS')
    .argParser(asArgument(parseRedis))
    .default('redis://localhost:6379');
const queue = () =>
  new Option('--queue <name>', 'the queue of --executor bullmq. Default: that of the store');

/** To be added to `mycel sweep`. */
export function executorOptions(): Option[] {
  return [
    new Option(
      '--executor <name>',
      'who carries out the runs: local (processes of this machine), slurm (job arrays), bullmq (`mycel sweep worker`, on any machines)',
    )
      .choices(EXECUTORS)
      .default('local'),
    new Option(
      '--slurm <argument>',
      'an argument of sbatch for --executor slurm, such as --slurm --partition=long; can be repeated',
    )
      .default([], 'none')
      .argParser((value: string, previous: string[]) => [...previous, value]),
    redis(),
    queue(),
  ];
}

/** `mycel sweep worker`; `exit` gets its exit code. */
export function defineWorker(exit: (code: number) => void): Command {
  return new Command('worker')
    .description('take runs of sweeps with --executor bullmq and carry them out, until it is interrupted')
    .option('--store <folder>', 'where runs are kept by their keys: the folder of the sweep', 'runs')
    .addOption(redis())
    .addOption(queue())
    .addOption(
      new Option('--jobs <number>', 'runs at a time. Default: as many as there are cores').argParser(
        asArgument(parseJobs),
      ),
    )
    .addOption(
      new Option(
        '--lease <time>',
        'after how long other workers take over the runs of one from which nobody hears',
      )
        .argParser(asArgument(parseLease))
        .default(30_000, '30s'),
    )
    .action(async (_: unknown, command: Command) =>
      exit(await workerCommand(command.optsWithGlobals<WorkerFlags>())),
    );
}
