/** Sweeps on a real Slurm of one node: job arrays, and what becomes of runs when jobs and sweeps are killed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mycel } from './support/cli.js';
import { until } from './support/servers.js';
import {
  assertSame,
  atWork,
  finished,
  hold,
  killAll,
  letGo,
  type Started,
  start,
  writeSlowScenario,
} from './support/slow-sweep.js';
import { jobs, startSlurm, withoutSlurm } from './support/slurm.js';
import { workIn } from './support/work-in.js';

const folder = workIn('mycel-slurm-');
const skip = withoutSlurm;
let stop = async () => {};

before(async () => {
  writeSlowScenario();
  if (!skip) stop = await startSlurm();
});
after(() => stop());

const SWEEP = ['sweep', 'scenario.yaml', '--executor', 'slurm', '--workers', '0'];
const sweep = (store: string, ...more: string[]) =>
  start(...SWEEP, '--store', store, '--out', `results-${store}`, ...more);

/** Waits until so many runs have begun. */
async function begun(store: string, count: number, { said }: Started) {
  await until(`${count} runs have begun`, () => {
    mkdirSync(store, { recursive: true });
    return atWork(store).length === count || (said.err.includes('expected') && assert.fail(said.err));
  });
  return atWork(store);
}

/** The task that a process belongs to, as scontrol names it. */
function taskOf(pid: number): string {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const value = (name: string) => environment.find((line) => line.startsWith(`${name}=`))!.split('=')[1];
  return `${value('SLURM_ARRAY_JOB_ID')}_${value('SLURM_ARRAY_TASK_ID')}`;
}

test('runs whose processes are killed, and jobs that are requeued, end with the results of mycel run, each once', {
  skip,
}, async () => {
  hold();
  const started = sweep('killed', '--seed', '1..3');
  const [one, other] = await begun('killed', 3, started);
  process.kill(one!.pid, 'SIGKILL');
  execFileSync('scontrol', ['requeue', taskOf(other!.pid)]);
  letGo();
  assert.deepEqual(await started.exit, [0, null], started.said.err);
  assert.match(started.said.err, /6 runs, 0 of them finished before, by Slurm\n/);
  // Of at most four tasks each, and the killed one again.
  assert.match(
    started.said.err,
    /submitted 4 runs as job \d+ [\s\S]*submitted 2 runs as job [\s\S]*submitted 1 runs as job /,
  );
  assert.equal(finished('killed').length, 6);
  assert.deepEqual(
    readdirSync('killed/slurm').filter((name) => name.endsWith('.keys')),
    [],
  );
  await assertSame('results-killed', '1..3');
});

test('a sweep that is killed leaves its jobs, and the next one waits for them', { skip }, async () => {
  hold();
  const killed = sweep('left', '--seed', '1..2', '--jobs', '2');
  await begun('left', 2, killed);
  await killAll(killed);
  const tasks = jobs().map(({ task }) => task);
  assert.equal(tasks.length, 4);
  const next = sweep('left', '--seed', '1..3', '--jobs', '2');
  await until('the next sweep has submitted', () => next.said.err.includes('submitted'));
  assert.deepEqual(
    jobs()
      .map(({ task }) => task)
      .filter((task) => tasks.includes(task)),
    tasks,
  );
  assert.equal(jobs().length, 6);
  letGo();
  assert.deepEqual(await next.exit, [0, null], next.said.err);
  assert.match(next.said.err, /^submitted 2 runs as job/m);
  assert.equal(next.said.err.match(/submitted/g)!.length, 1);
  assert.equal(finished('left').length, 6);
});

test('Ctrl-C cancels the jobs, and the same command goes on', { skip }, async () => {
  hold();
  const interrupted = sweep('again', '--seed', '1');
  await begun('again', 2, interrupted);
  interrupted.child.kill('SIGINT');
  assert.deepEqual(await interrupted.exit, [130, null]);
  assert.match(interrupted.said.err, /interrupted: 0 of 2 runs are finished; the same command goes on/);
  await until('the jobs are gone', () => jobs().length === 0);
  letGo();
  const next = sweep('again', '--seed', '1');
  assert.deepEqual(await next.exit, [0, null], next.said.err);
  assert.equal(finished('again').length, 2);
});

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a job that somebody cancels, and one that ends three times without a result, has failed; --retry tries it again', {
  skip,
}, async () => {
  hold();
  const started = sweep('cancelled', '--seed', '1');
  await begun('cancelled', 2, started);
  const [one] = jobs();
  execFileSync('scancel', [one!.task]);
  await until('it is cancelled', () => !jobs().some(({ task }) => task === one!.task));
  const killed = new Set<number>();
  await until('the other one has been killed three times', () => {
    for (const { pid } of atWork('cancelled').filter(({ pid }) => isRunning(pid))) {
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    }
    return killed.size === 3;
  });
  assert.deepEqual(await started.exit, [2, null], started.said.err);
  assert.match(
    started.said.err,
    /failed: its job was cancelled \(--retry submits it again\): what it printed/,
  );
  assert.match(
    started.said.err,
    /failed: its job ended 3 times without a result: what it printed is in .*slurm\/\d+_0\.out/,
  );
  letGo();
  const next = sweep('cancelled', '--seed', '1', '--retry');
  assert.deepEqual(await next.exit, [0, null], next.said.err);
});

test('a limit on the number of submitted jobs makes smaller arrays, and what the cluster refuses is said', {
  skip,
}, async () => {
  letGo();
  mkdirSync('bin');
  const sbatch = execFileSync('sh', ['-c', 'command -v sbatch'], { encoding: 'utf8' }).trim();
  // A limit of an account needs a database server, so this wrapper refuses in its words.
  writeFileSync(
    'bin/sbatch',
    `#!/bin/sh
if [ $(squeue --noheader --array | wc -l) -gt 2 ] || echo "$*" | grep -q array=0-[2-9]; then
  echo "sbatch: error: AssocMaxSubmitJobLimit" >&2
  echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)" >&2
  exit 1
fi
exec ${sbatch} "$@"
`,
  );
  chmodSync('bin/sbatch', 0o755);
  const path = process.env.PATH;
  try {
    process.env.PATH = `${join(folder, 'bin')}:${path}`;
    const limited = sweep('limited', '--seed', '1..3');
    assert.deepEqual(await limited.exit, [0, null], limited.said.err);
    assert.match(limited.said.err, /submitted 2 runs/);
    assert.equal(finished('limited').length, 6);
  } finally {
    process.env.PATH = path;
  }
  const refused = await mycel(...SWEEP, '--store', 'refused', '--slurm', '--partition=nowhere');
  assert.equal(refused.code, 2);
  assert.match(
    refused.err,
    /expected sbatch to take 2 runs, got: invalid partition specified: nowhere; .*\. Give what this cluster wants by --slurm, such as --slurm --partition=NAME/,
  );
  assert.deepEqual(readdirSync('refused/slurm'), []);
});

test('without Slurm the error says where it is expected, and --slurm without --executor slurm is a mistake', async () => {
  const path = process.env.PATH;
  try {
    process.env.PATH = '';
    const { code, err } = await mycel(...SWEEP, '--store', 'none');
    assert.equal(code, 2);
    assert.match(
      err,
      /expected the command scontrol of Slurm for --executor slurm, but it is not in the PATH: start/,
    );
  } finally {
    process.env.PATH = path;
  }
  const { code, err } = await mycel('sweep', 'scenario.yaml', '--slurm', '--partition=long');
  assert.equal(code, 2);
  assert.match(err, /expected --executor slurm, got --slurm with --executor local/);
});
