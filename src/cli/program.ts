/** Commands and options of the command line, and the handling of errors. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { BACKEND_NAMES } from '../compute/backend.js';
import { EXIT, UsageError } from '../errors.js';
import { AXES } from '../page/charts/axis.js';
import { parseDuration } from '../units.js';
import { asArgument, parseSide } from './arguments.js';
import { type CheckFlags, checkCommand, parseRuns, parseTime } from './check.js';
import { parseCheckpoint } from './checkpoints.js';
import { collectResults } from './collect.js';
import { type CompareFlags, compareCommand } from './compare.js';
import { completionScript, SHELLS } from './completion.js';
import { type DiffFlags, diffCommand } from './diff.js';
import { failure } from './failure.js';
import { type ForkFlags, forkCommand, parseForkPoint } from './fork.js';
import { listCommand } from './list.js';
import { versionText } from './machine.js';
import { seedOption, setOption, storeOption, workersOption } from './options.js';
import { type PageFlags, pageCommand } from './page.js';
import type { PlotFlags } from './plot/plot.js';
import { parseEvents, type ReplayFlags, replayCommand } from './replay.js';
import { type ResumeFlags, resumeCommand } from './resume.js';
import { type RunFlags, runCommand } from './run.js';
import { schemaCommand } from './schema.js';
import { commandLine } from './shell.js';
import { type ShowFlags, showCommand } from './show/show.js';
import { parseSpans } from './spans.js';
import { type InitFlags, initCommand } from './starts/init.js';
import { type NewFlags, newCommand, startKinds } from './starts/new.js';
import { defineSweep, defineTune } from './sweep/commands.js';
import { writeTables } from './tables.js';
import { type TraceFlags, traceCommand } from './trace.js';
import { type ValidateFlags, validateCommand } from './validate.js';
import { type VerifyFlags, verifyCommand } from './verify.js';

/** Prepares the process: a reader that goes ends it, and so does an error that nobody catches, with a message. */
export function watchProcess(argv: readonly string[]): void {
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
}

/** Runs the command line. Returns the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const state = { code: EXIT.ok as number };
  try {
    refuseFile(argv[0]);
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

/** Throws a UsageError where the first word is a file and not a command. */
function refuseFile(word: string | undefined): void {
  if (word === undefined || !/\.(ya?ml|json)$/.test(word)) return;
  const remedy = `mycel run ${word} runs it, mycel show ${word} shows what it would do`;
  throw new UsageError('no-command', `expected a command before the file: ${remedy}`);
}

/** Without the end of its last line, which the console adds. */
function withoutEnd(text: string): string {
  return text.replace(/\n$/, '');
}

function createProgram(exit: (code: number) => void): Command {
  const program = new Command('mycel')
    .description('A deterministic simulator of decentralized and personalized learning.')
    .option('-V, --version', 'print the version, and the backend that computes here by default')
    .on('option:version', () => {
      console.log(versionText());
      throw new CommanderError(EXIT.ok, 'mycel.version', 'the version was printed');
    })
    .configureOutput({
      writeOut: (text) => console.log(withoutEnd(text)),
      writeErr: (text) => console.error(withoutEnd(text)),
    })
    .showHelpAfterError('(see mycel --help, or mycel help run)')
    .exitOverride();
  program.addCommand(defineRun(exit).copyInheritedSettings(program));
  program
    .command('init')
    .description('make a project with an algorithm, its test and a scenario, ready to run')
    .argument('[directory]', 'folder of the project, which may be there already', '.')
    .option('--typescript', 'in TypeScript instead of JavaScript')
    .action((directory: string, flags: InitFlags) => console.log(initCommand(directory, flags)));
  program
    .command('new')
    .description('add a commented start with its test and a scenario to the project in this folder')
    .argument('<kind>', startKinds.join(', '))
    .argument('<name>', 'name in kebab case, which its files get')
    .option('--typescript', 'in TypeScript. Default: where there is a tsconfig.json')
    .action((kind: string, name: string, flags: NewFlags) => console.log(newCommand(kind, name, flags)));
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
    .command('show')
    .description(
      'show what a scenario would do: split, model, topology, predicted traffic, memory, events; this runs its first rounds',
    )
    .argument('<file>', 'scenario file')
    .addOption(seedOption())
    .addOption(setOption())
    .option('--variant <name>', 'only this variant of the scenario')
    .addOption(
      new Option('--for <time>', 'longest time for the first rounds of each variant; 0s runs none')
        .argParser(asArgument(parseDuration))
        .default(20e9, '20s'),
    )
    .addOption(workersOption())
    .option('--json', 'print one JSON object for every variant, and nothing else')
    .action(async (file: string, flags: ShowFlags) => exit(await showCommand(file, flags)));
  program
    .command('resume')
    .description(
      'go on with runs that have checkpoints and were not finished, to the results of an undisturbed run',
    )
    .argument('<folder...>', 'folders of results, such as results/quickstart/ring/1')
    .addOption(workersOption())
    .option('--quiet', 'print only errors')
    .action(async (folders: string[], flags: ResumeFlags) => exit(await resumeCommand(folders, flags)));
  program
    .command('fork')
    .description(
      'run a finished or an unfinished run again as far as a point, change its scenario there, and go on',
    )
    .argument('<folder>', 'folder of results, such as results/quickstart/ring/1')
    .addOption(
      new Option(
        '--at <point>',
        'round=20 or events=1e6. Default: the last checkpoint of an unfinished run',
      ).argParser(asArgument(parseForkPoint)),
    )
    .addOption(setOption())
    .requiredOption('--out <folder>', 'the new folder of results')
    .addOption(workersOption())
    .option('--quiet', 'print only errors')
    .action(async (folder: string, flags: ForkFlags) => exit(await forkCommand(folder, flags)));
  program
    .command('verify')
    .description(
      'run results again from their own summaries, and say whether they come out the same to the bit',
    )
    .argument('<folder...>', 'folders of results, such as results/quickstart/ring/1')
    .addOption(workersOption())
    .option('--quiet', 'show no progress')
    .action(async (folders: string[], flags: VerifyFlags) => exit(await verifyCommand(folders, flags)));
  program
    .command('check')
    .description(
      'try variations of scenarios, and check in each of them what must always hold (mycel list invariants)',
    )
    .argument('<file...>', 'scenario files')
    .addOption(
      new Option('--runs <number>', 'how many variations').argParser(asArgument(parseRuns)).default(50),
    )
    .addOption(
      new Option('--for <time>', 'how long, such as 5min, instead of --runs').argParser(
        asArgument(parseTime),
      ),
    )
    .addOption(
      new Option('--seed <seed>', 'seed of the variations').argParser(asArgument(parseRuns)).default(1),
    )
    .option('--path <path>', 'goes straight to a variation that an earlier check has printed')
    .option(
      '--algorithm <use>',
      'an algorithm or the path of a module, instead of the scenario’s, with its defaults',
    )
    .addOption(setOption())
    .option('--quiet', 'show no progress')
    .action(async (files: string[], flags: CheckFlags) => exit(await checkCommand(files, flags)));
  program
    .command('diff')
    .description('say whether two results are the same, and if not, in which event and draw the runs part')
    .argument('<a>', 'folder of results, or a file of mycel replay')
    .argument('<b>', 'the other one')
    .addOption(workersOption())
    .action(async (a: string, b: string, flags: DiffFlags) => exit(await diffCommand(a, b, flags)));
  program
    .command('replay')
    .description(
      'compute a result again, and write down all that happens in some of its events, as JSON lines',
    )
    .argument('<folder>', 'folder of results')
    .addOption(
      new Option('--events <range>', 'events such as 1000..2000')
        .argParser(asArgument(parseEvents))
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'a new file. Default: standard output')
    .addOption(workersOption())
    .action(async (folder: string, flags: ReplayFlags) => exit(await replayCommand(folder, flags)));
  program.addCommand(defineSweep(exit).copyInheritedSettings(program));
  program.addCommand(defineTune(exit).copyInheritedSettings(program));
  program
    .command('report')
    .description('write results as one page for the browser, with figures, tables and how to repeat them')
    .argument('<folder...>', 'folders of results, or folders with results below')
    .option('--out <file>', 'the page. Default: report.html in the first folder')
    .action(async (folders: string[], flags: PageFlags) => exit(await pageCommand(folders, flags)));
  program.addCommand(definePlot(exit).copyInheritedSettings(program));
  program
    .command('table')
    .description('write one table of runs and one of metrics of results, as CSV and as Parquet')
    .argument('<folder...>', 'folders with results in or below them, such as results/quickstart')
    .requiredOption('--out <folder>', 'the folder for the tables')
    .action((folders: string[], { out }: { out: string }) => {
      for (const file of writeTables(out, collectResults(folders))) console.log(file);
    });
  program
    .command('compare')
    .description('compare results: means over seeds with 95 % confidence intervals, and paired differences')
    .argument('<folder...>', 'folders with results in or below them, such as results/quickstart')
    .addOption(
      new Option('--format <form>', 'how to write the table; csv has all metrics, as raw numbers')
        .choices(['terminal', 'markdown', 'csv'])
        .default('terminal'),
    )
    .option('--against <variant>', 'the variant that others are compared with. Default: the first')
    .option('--metric <name>', 'a further metric of the table, with its differences, such as global-loss')
    .option('--out <file>', 'where to write. Default: standard output')
    .action((folders: string[], flags: CompareFlags) => compareCommand(folders, flags));
  program
    .command('trace')
    .description('write a result as a timeline for Perfetto, and its topology over time for Gephi')
    .argument('<folder>', 'folder of results, of a run with --spans')
    .option('--out <folder>', 'where to write. Default: the folder of results')
    .action(async (folder: string, flags: TraceFlags) => exit(await traceCommand(folder, flags)));
  program
    .command('list')
    .description('show what a scenario can name: algorithms, topologies, …, with options, units and defaults')
    .argument(
      '[kind]',
      'algorithms, topologies, sources, splits, models, …, or the name of an entry of any kind',
    )
    .argument('[name]', 'name of the one entry to show')
    .action((kind?: string, name?: string) => console.log(listCommand(kind, name)));
  program
    .command('schema')
    .description(
      'print the JSON Schema (draft 7) of scenario files, with which editors complete and check them',
    )
    .option('--out <file>', 'write it to a file')
    .action((flags: { out?: string }) => console.log(schemaCommand(flags)));
  program
    .command('completion')
    .description('print a script with which a shell completes this command: source <(mycel completion bash)')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => console.log(withoutEnd(completionScript(program, shell))));
  return program;
}

function definePlot(exit: (code: number) => void): Command {
  return new Command('plot')
    .description('draw a metric of results with its means and 95 % intervals over seeds, as SVG, PDF or PNG')
    .argument('<folder...>', 'folders of results, or folders with results below')
    .addOption(new Option('--x <axis>', 'what it is drawn against').choices(AXES).default('bytes'))
    .option('--y <metric>', 'a metric of the whole run', 'accuracy')
    .requiredOption('--out <file>', 'the figure: its ending says whether it is SVG, PDF or PNG')
    .addOption(
      new Option('--width <pixels>', 'of 96 to an inch').argParser(asArgument(parseSide)).default(640),
    )
    .addOption(new Option('--height <pixels>', 'as the width').argParser(asArgument(parseSide)).default(400))
    .option('--title <text>', 'above the figure. Default: none')
    .action(async (folders: string[], flags: PlotFlags) => {
      // What draws is loaded when something is to be drawn.
      const { plotCommand } = await import('./plot/plot.js');
      exit(await plotCommand(folders, flags));
    });
}

function withTimingOnly(flags: RunFlags): RunFlags {
  return flags.timingOnly ? { ...flags, set: [...flags.set, 'timingOnly=true'] } : flags;
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
    .addOption(workersOption())
    .addOption(setOption())
    .option('--force', 'replace results of another scenario that are in the same folders')
    .option('--fresh', 'compute runs again that are finished')
    .addOption(storeOption('; used if it exists'))
    .option('--no-tables', 'do not write the tables of all results of a scenario (runs.csv, metrics.csv)')
    .option('--report', 'write report.html, a page for the browser, with all results of a scenario')
    .addOption(new Option('--quiet', 'print only errors').conflicts('json'))
    .option('--json', 'print one JSON object for every finished run, and nothing else')
    .addOption(
      new Option(
        '--checkpoint <interval>',
        'write checkpoints, from which `mycel resume` goes on: every=5min, rounds=10 or events=1e6',
      ).argParser(asArgument(parseCheckpoint)),
    )
    .option('--trace', 'write trace.ndjson, with a line for every event')
    .addOption(
      new Option(
        '--spans [rounds]',
        'write what each node did and when, and the life of each message, to two Parquet files: of all rounds, or of every so many',
      ).argParser(asArgument(parseSpans)),
    )
    .option('--timing-only', 'learn nothing: only times and bytes, for many nodes; as --set timingOnly=true')
    .action(async (files: string[], flags: RunFlags) => exit(await runCommand(files, withTimingOnly(flags))));
}
