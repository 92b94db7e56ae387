// Tries inputs in a process of their own, which is watched: one that hangs, grows without bound or dies is a failure of the input that it
// was at, and the next process goes on with the one after it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** Milliseconds between two looks. */
const LOOK = 250;
/** Clock ticks of the system in a second, as /proc counts. */
const TICKS = 100;

/** As `tryInputs`, with the limits of the kind: `seconds` of the processor for an input, `megabytes` of memory. */
export async function tryWatched(kind, { seed, from, to, deadline, folder }) {
  const total = { inputs: 0, accepted: 0, refused: 0, failures: [], skipped: undefined };
  for (let next = from; next < to && Date.now() < deadline; ) {
    const part = await onePart(kind, { seed, from: next, to, deadline, folder });
    for (const count of ['inputs', 'accepted', 'refused']) total[count] += part[count];
    total.failures.push(...part.failures);
    total.skipped ??= part.skipped;
    if (part.next === undefined) break;
    next = part.next;
  }
  return total;
}

async function onePart(kind, { seed, from, to, deadline, folder }) {
  const { seconds = 10, megabytes = 2500 } = kind.limits ?? {};
  mkdirSync(folder, { recursive: true });
  const place = join(folder, `at-${kind.name}`);
  writeFileSync(place, new Uint8Array(32));
  const job = {
    name: kind.name,
    seed,
    from,
    to,
    deadline: deadline === Number.POSITIVE_INFINITY ? null : deadline,
    folder,
    place,
  };
  const child = fork(CHILD, [JSON.stringify(job)], {
    execArgv: ['--max-old-space-size=1024'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said = `${said}${text}`.slice(-4000);
    });
  let tally;
  child.on('message', (message) => {
    tally = message;
  });
  let ended;
  const gone = once(child, 'exit').then(([code, signal]) => {
    ended = signal ?? `exit code ${code}`;
  });
  let why;
  let mark = { index: -1, used: 0 };
  while (ended === undefined) {
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, LOOK))]);
    if (ended !== undefined || tally !== undefined) continue;
    const { index } = progress(place);
    const { used, memory } = usage(child.pid);
    if (index !== mark.index) mark = { index, used, since: Date.now() };
    const wall = (Date.now() - mark.since) / 1000;
    if (index > 0 && (used - mark.used > seconds || wall > 20 * seconds))
      why = `it hangs: ${Math.round(wall)} seconds`;
    else if (memory > megabytes) why = `it takes ${Math.round(memory)} MB of memory`;
    if (why !== undefined) child.kill('SIGKILL');
  }
  if (tally !== undefined) return { ...tally, next: undefined };
  const { index, accepted, refused } = progress(place);
  const message = why ?? `the process ended by ${ended}: ${said.trim()}`;
  // Before the first input nothing can be tried.
  if (index === 0) throw new Error(`${kind.name}: ${message}`);
  const failed = index - 1;
  const failures = [{ index: failed, message, folder: `seed ${seed}, input ${failed}` }, ...savedIn(folder)];
  return { inputs: failed - from + 1, accepted, refused, failures, skipped: undefined, next: failed + 1 };

  /** Failures of the process that is gone, which it could not tell. */
  function savedIn() {
    return progress(place).failures === 0 ? [] : JSON.parse(readFileSync(`${place}.failures`, 'utf8'));
  }
}

/** What the child has written down: the number of the input that it is at plus 1, and its tally. */
function progress(place) {
  const numbers = new Float64Array(4);
  const file = openSync(place, 'r');
  readSync(file, new Uint8Array(numbers.buffer), 0, 32, 0);
  closeSync(file);
  const [index, accepted, refused, failures] = numbers;
  return { index, accepted, refused, failures };
}

/** Seconds of the processor, and megabytes in memory; zeros where there is no /proc. */
function usage(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return { used: (Number(fields[11]) + Number(fields[12])) / TICKS, memory: (pages * 4096) / 1e6 };
  } catch {
    return { used: 0, memory: 0 };
  }
}
