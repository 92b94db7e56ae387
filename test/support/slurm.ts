/** A cluster of one node: munged, slurmctld and slurmd. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePorts, missing, Server, until } from './servers.js';

/** Why tests with Slurm are skipped, if they are. */
export const withoutSlurm = missing(
  ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scancel', 'scontrol'],
  'slurmctld slurmd slurm-client munge',
);

/** Tasks of one job array, so that small sweeps need several. */
const ARRAY_SIZE = 4;

/** Starts the servers, and lets the commands of Slurm use them. Returns what stops them. */
export async function startSlurm(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'mycel-cluster-'));
  for (const name of ['munge', 'state', 'spool']) mkdirSync(join(folder, name), { mode: 0o755 });
  const key = join(folder, 'munge/key');
  writeFileSync(key, randomBytes(1024), { mode: 0o600 });
  chmodSync(folder, 0o755);
  const [controllerPort, nodePort] = await freePorts(2);
  const host = hostname().split('.')[0]!;
  const user = userInfo().username;
  const socket = join(folder, 'munge/socket');
  const configuration = join(folder, 'slurm.conf');
  // A requeued job waits until its credential has expired: two minutes, if nobody says less.
  writeFileSync(
    configuration,
    `ClusterName=mycel
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${socket},cred_expire=5
CredType=cred/munge
StateSaveLocation=${join(folder, 'state')}
SlurmdSpoolDir=${join(folder, 'spool')}
SlurmctldPidFile=${join(folder, 'slurmctld.pid')}
SlurmdPidFile=${join(folder, 'slurmd.pid')}
SlurmctldLogFile=${join(folder, 'slurmctld.log')}
SlurmdLogFile=${join(folder, 'slurmd.log')}
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
KillWait=1
ReturnToService=2
MaxArraySize=${ARRAY_SIZE}
NodeName=one NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=3 State=UNKNOWN
PartitionName=main Nodes=one Default=YES MaxTime=INFINITE State=UP
`,
  );
  process.env.SLURM_CONF = configuration;
  const servers: Server[] = [];
  const log = (name: string) => join(folder, `${name}.out`);
  const serve = (name: string, ...args: string[]) => servers.unshift(new Server(name, args, log(name)));
  const stop = async () => {
    for (const server of servers) await server.stop();
    delete process.env.SLURM_CONF;
    rmSync(folder, { recursive: true });
  };
  try {
    const files = ['key', 'pid', 'log', 'seed'].map(
      (name) => `--${name}-file=${join(folder, 'munge', name)}`,
    );
    serve('munged', '--foreground', `--socket=${socket}`, '--num-threads=2', ...files);
    await until('munged answers', () => answers('munge', ['-n', `--socket=${socket}`]), log('munged'));
    serve('slurmctld', '-D');
    serve('slurmd', '-D', '-N', 'one');
    const isIdle = () => answers('sinfo', ['--noheader', '--format=%T'], 'idle');
    await until('the node is idle', isIdle, log('slurmctld'));
  } catch (error) {
    await stop();
    throw error;
  }
  return async () => {
    execFileSync('scancel', ['--quiet', '--partition=main']);
    await until('all jobs are gone', () => jobs().length === 0);
    await stop();
  };
}

/** The tasks that wait or run: job, index, state. */
export function jobs(): { readonly task: string; readonly state: string }[] {
  const out = execFileSync('squeue', ['--noheader', '--array', '--format=%F_%K|%T'], { encoding: 'utf8' });
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [task, state] = line.trim().split('|');
      return { task: task!, state: state! };
    });
}

function answers(command: string, args: readonly string[], expected = ''): boolean {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      expected,
    );
  } catch {
    return false;
  }
}
