/** Sweeps on a real Redis: workers take runs from a queue, and what becomes of runs when workers, sweeps and the server are killed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { bin, mycel } from './support/cli.js';
import { freePorts, missing, Server, until } from './support/servers.js';
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
import { workIn } from './support/work-in.js';

workIn('mycel-bullmq-');
const skip = missing(['redis-server', 'redis-cli'], 'redis-server');
const [port] = await freePorts(1);
const redis = `redis://127.0.0.1:${port}`;
const startRedis = () =>
  new Server(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    'redis.log',
  );
let server: Server | undefined;

/** What redis-cli prints. */
const ask = (...command: string[]) =>
  spawnSync('redis-cli', ['-p', String(port), ...command], { encoding: 'utf8' }).stdout.trim();

before(async () => {
  writeSlowScenario();
  if (skip) return;
  server = startRedis();
  await until('redis answers', () => ask('ping') === 'PONG', 'redis.log');
});
after(() => server?.stop());

const SWEEP = ['sweep', 'scenario.yaml', '--executor', 'bullmq', '--workers', '0'];
const sweep = (store: string, ...more: string[]) =>
  start(...SWEEP, '--redis', redis, '--store', store, '--out', `results-${store}`, ...more);
const worker = (store: string, ...more: string[]) =>
  start(...['sweep', 'worker', '--redis', redis, '--store', store, '--jobs', '1', '--lease', '2s'], ...more);

/** Waits until a command has said it. */
async function hear({ said }: Started, words: string) {
  await until('it is said', () => said.err.includes(words)).catch(() => {
    assert.fail(`expected "${words}", got:\n${said.err}`);
  });
}

/** Waits until so many runs have begun. */
async function begun(store: string, count: number) {
  await until(`${count} runs have begun`, () => atWork(store).length === count);
  return atWork(store);
}

test('runs whose workers or processes are killed are taken over, and end with the results of mycel run, each once', {
  skip,
}, async () => {
  hold();
  const started = sweep('killed', '--seed', '1..2');
  await hear(started, 'runs wait for workers: mycel sweep worker --redis');
  const first = worker('killed');
  const [lost] = await begun('killed', 1);
  const second = worker('killed', '--jobs', '2');
  await begun('killed', 3);
  await killAll(first);
  const one = atWork('killed').find(({ key }) => key !== lost!.key);
  process.kill(one!.pid, 'SIGKILL');
  await hear(second, `${one!.key}: no result, its process was ended by SIGKILL`);
  letGo();
  assert.deepEqual(await started.exit, [0, null], started.said.err);
  assert.match(started.said.err, /4 runs, 0 of them finished before, by workers of a queue\n/);
  assert.equal(finished('killed').length, 4);
  await assertSame('results-killed', '1..2');
  second.child.kill('SIGTERM');
  assert.deepEqual(await second.exit, [130, null]);
  assert.equal(second.said.err.match(/: done$/gm)!.length, 4);
});

test('an interrupted worker puts its run back, an interrupted sweep takes its runs back, and a killed one is gone on with', {
  skip,
}, async () => {
  hold();
  const interrupted = sweep('again', '--seed', '1', '--queue', 'mine');
  await hear(interrupted, '--queue mine');
  const waiting = () => Number(ask('llen', 'bull:mine:wait'));
  const active = () => Number(ask('llen', 'bull:mine:active'));
  await until('two runs wait', () => waiting() === 2);
  const busy = worker('again', '--queue', 'mine');
  await begun('again', 1);
  busy.child.kill('SIGINT');
  await hear(busy, 'stopping');
  // Its run hears nothing while it waits, so it is put back when it is let go.
  letGo();
  assert.deepEqual(await busy.exit, [130, null], busy.said.err);
  await until('two runs wait again', () => waiting() === 2 && active() === 0);
  interrupted.child.kill('SIGINT');
  assert.deepEqual(await interrupted.exit, [130, null]);
  assert.equal(waiting(), 0);
  const killed = sweep('again', '--seed', '1', '--queue', 'mine');
  await until('two runs wait once more', () => waiting() === 2);
  await killAll(killed);
  const next = sweep('again', '--seed', '1..2', '--queue', 'mine');
  await until('two more runs wait', () => waiting() === 4);
  const last = worker('again', '--queue', 'mine');
  assert.deepEqual(await next.exit, [0, null], next.said.err);
  assert.equal(finished('again').length, 4);
  last.child.kill('SIGTERM');
  await last.exit;
});

test('a server that is killed and forgets all jobs gets them again', { skip }, async () => {
  hold();
  const started = sweep('forgotten', '--seed', '1');
  await hear(started, 'runs wait for workers');
  const one = worker('forgotten');
  await begun('forgotten', 1);
  await server!.stop();
  await hear(started, `the connection to ${redis} is lost`);
  server = startRedis();
  letGo();
  assert.deepEqual(await started.exit, [0, null], started.said.err);
  assert.equal(finished('forgotten').length, 2);
  one.child.kill('SIGTERM');
  await one.exit;
});

test('without a server, a store or the packages, the error says what is expected', async () => {
  const [nobody] = await freePorts(1);
  const none = await mycel(...SWEEP, '--redis', `redis://:secret@127.0.0.1:${nobody}`);
  assert.equal(none.code, 2);
  assert.match(
    none.err,
    /expected a Redis server at redis:\/\/:…@127\.0\.0\.1:\d+, got .*ECONNREFUSED.*: start one \(redis-server\)/,
  );
  const store = await mycel('sweep', 'worker', '--store', 'nowhere');
  assert.match(
    store.err,
    /expected the store of a sweep, got nowhere, which does not exist: start the sweep first/,
  );
  const address = await mycel('sweep', 'worker', '--redis', 'localhost');
  assert.match(
    address.err,
    /expected the address of a Redis server such as redis:\/\/localhost:6379, got "localhost"/,
  );
  const jobs = await mycel(...SWEEP, '--jobs', '2');
  assert.match(jobs.err, /expected --jobs of each `mycel sweep worker`/);
  mkdirSync('hooks');
  writeFileSync(
    'hooks/resolve.mjs',
    `export function resolve(name, context, next) {
  if (name !== 'bullmq' && name !== 'ioredis') return next(name, context);
  throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
}
`,
  );
  writeFileSync(
    'hooks/register.mjs',
    "import { register } from 'node:module';\nregister('./resolve.mjs', import.meta.url);\n",
  );
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', './hooks/register.mjs', bin, ...SWEEP],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /expected the packages bullmq and ioredis, which are not installed with mycel: npm install bullmq ioredis/,
  );
});
