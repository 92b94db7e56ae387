/** Commands and options of the command line, and the handling of errors. */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BACKEND_NAMES } from '../compute/backend.js';
import { EXIT } from '../errors.js';
import { parseSeeds, parseWorkers } from './arguments.js';
import { failure } from './failure.js';
import { listCommand } from './list.js';
import { versionText } from './machine.js';
import { type RunFlags, runCommand } from './run.js';
import { commandLine } from './shell.js';
import { type ValidateFlags, validateCommand } from './validate.js';

/** Runs the command line. Returns the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that closes the pipe early (`mycel list | head`) is not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) =>
      process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.bug),
    );
  }
  process.on('uncaughtException', (error) => {
    console.error(failure(error, commandLine(argv)).text);
    process.exit(EXIT.bug);
  });
  const state = { code: EXIT.ok as number };
  try {
    await createProgram((code) => {
      state.code = code;
    }).parseAsync(argv, { from: 'user' });
    return state.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { text, code } = failure(error, commandLine(argv));
    console.error(text);
    return code;
  }
}

function createProgram(exit: (code: number) => void): Command {
  const program = new Command('mycel')
    .description('A deterministic simulator of decentralized and personalized learning.')
    .option('-V, --version', 'print the version, and the backend that computes here by default')
    .on('option:version', () => {
      console.log(versionText());
      throw new CommanderError(EXIT.ok, 'mycel.version', 'the version was printed');
    })
    .showHelpAfterError('(see mycel --help, or mycel help run)')
    .exitOverride();
  program.addCommand(defineRun(exit).copyInheritedSettings(program));
  program
    .command('validate')
    .description(
      'check scenario files without running them; this runs the code of modules that they name by `use`',
    )
    .argument('<file...>', 'scenario files')
    .addOption(seedOption())
    .addOption(setOption())
    .action(async (files: string[], flags: ValidateFlags) => exit(await validateCommand(files, flags)));
  program
    .command('list')
    .description('show what a scenario can name: algorithms, topologies, …, with options, units and defaults')
    .argument('[kind]', 'algorithms, topologies, sources, splits, models, …')
    .argument('[name]', 'name of the one entry to show')
    .action((kind?: string, name?: string) => console.log(listCommand(kind, name)));
  return program;
}

function defineRun(exit: (code: number) => void): Command {
  return new Command('run')
    .description('run scenarios and write their results')
    .argument('<file...>', 'scenario files, YAML or JSON')
    .addOption(seedOption())
    .option('--out <directory>', 'folder for all results', 'results')
    .addOption(
      new Option('--backend <name>', 'backend that computes, instead of the scenario’s').choices(
        BACKEND_NAMES,
      ),
    )
    .option(
      '--workers <number>',
      'number of threads that compute, which changes no result. With the backend tensorflow: number of its own threads',
      asArgument(parseWorkers),
      availableParallelism(),
    )
    .addOption(setOption())
    .addOption(new Option('--quiet', 'print only errors').conflicts('json'))
    .option('--json', 'print one JSON object for every finished run, and nothing else')
    .option('--trace', 'write trace.ndjson, with a line for every event')
    .action(async (files: string[], flags: RunFlags) => exit(await runCommand(files, flags)));
}

function seedOption(): Option {
  return new Option('--seed <seed>', 'a seed, or seeds such as 1..5, instead of the scenario’s').argParser(
    asArgument(parseSeeds),
  );
}

function setOption(): Option {
  return new Option(
    '--set <path=value>',
    'override a value of the scenario, such as network.drop=1%; can be repeated',
  )
    .default([], 'none')
    .argParser((value: string, previous: string[]) => [...previous, value]);
}

function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}
