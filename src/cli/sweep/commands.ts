/** The commands that have many runs carried out: `mycel sweep` with `work` and `worker`, and `mycel tune`. */
import { Command, Option } from 'commander';
import { asArgument, parseJobs, parseWorkers } from '../arguments.js';
import { seedOption, setOption, storeOption } from '../options.js';
import { type TuneFlags, tuneCommand } from '../tuning/tune.js';
import { EXECUTORS } from './executors/index.js';
import { parseRedis } from './executors/redis.js';
import { parseLease, type WorkerFlags, workerCommand } from './executors/worker.js';
import { type SweepFlags, sweepCommand } from './sweep.js';
import { parseMargin } from './until.js';
import { type WorkFlags, workCommand } from './work.js';

const redis = () =>
  new Option('--redis <url>', 'the Redis server of --executor bullmq and of its workers')
    .env('MYCEL_REDIS')
    .argParser(asArgument(parseRedis))
    .default('redis://localhost:6379');
const queue = () =>
  new Option('--queue <name>', 'the queue of --executor bullmq. Default: that of the store');

/** `mycel sweep`; `exit` gets its exit code, as of the commands below. */
export function defineSweep(exit: (code: number) => void): Command {
  const sweep = new Command('sweep')
    .description(
      'carry out many runs, each in a process of its own; what is finished is never computed again',
    )
    .argument('<file...>', 'scenario files, YAML or JSON')
    .addOption(seedOption())
    .addOption(setOption())
    .option('--out <directory>', 'folder for all results', 'results')
    .addOption(storeOption())
    .addOption(jobsOption())
    .addOption(runWorkersOption())
    .option('--retry', 'try runs again that have failed')
    .addOption(
      new Option(
        '--until <margin>',
        'add seeds until every 95 % interval of the differences from the first variant is at most so wide to either side, such as 0.5%',
      ).argParser(asArgument(parseMargin)),
    )
    .option('--metric <name>', 'of --until: a metric of the whole run', 'accuracy-mean')
    .addOption(
      new Option('--max-seeds <number>', 'of --until: most seeds')
        .argParser(asArgument(parseJobs))
        .default(30),
    )
    .option('--quiet', 'print only errors')
    .action(async (files: string[], flags: SweepFlags) => exit(await sweepCommand(files, flags)));
  sweep
    .command('work')
    .description('carry out runs of a store by their keys, as executors of sweeps do')
    .argument('[key...]', 'keys of runs')
    .addOption(storeOption())
    .addOption(
      new Option('--workers <number>', 'threads of each run').argParser(asArgument(parseWorkers)).default(0),
    )
    .addOption(
      new Option(
        '--feed',
        'do the runs whose keys the parent process sends, as executors want it',
      ).hideHelp(),
    )
    .action(async (keys: string[], _: unknown, command: Command) =>
      exit(await workCommand(keys, command.optsWithGlobals<WorkFlags>())),
    );
  for (const option of executorOptions()) sweep.addOption(option);
  sweep.addCommand(defineWorker(exit).copyInheritedSettings(sweep));
  return sweep;
}

/** `mycel tune`. */
export function defineTune(exit: (code: number) => void): Command {
  const tune = new Command('tune')
    .description(
      'choose the options that a scenario’s section tune names, for all methods with the same budget, on training rows held out',
    )
    .argument('<file>', 'a scenario file with a section tune')
    .addOption(setOption())
    .option('--out <directory>', 'folder for the table of all trials', 'tuning')
    .addOption(storeOption())
    .addOption(jobsOption())
    .addOption(runWorkersOption())
    .option('--retry', 'try runs again that have failed')
    .option('--write <file>', 'write the scenario with the chosen options')
    .option('--quiet', 'print only errors and the result')
    .action(async (file: string, flags: TuneFlags) => exit(await tuneCommand(file, flags)));
  for (const option of executorOptions()) tune.addOption(option);
  return tune;
}

function jobsOption(): Option {
  return new Option(
    '--jobs <number>',
    'runs at a time. Default: as many as there are cores; with --executor slurm: no limit',
  ).argParser(asArgument(parseJobs));
}

function runWorkersOption(): Option {
  return new Option(
    '--workers <number>',
    'threads of each run beside its main one. Default: what the jobs leave of the cores; with other executors: 0',
  ).argParser(asArgument(parseWorkers));
}

/** They say who carries out the runs. */
function executorOptions(): Option[] {
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
function defineWorker(exit: (code: number) => void): Command {
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
