// `npm run soak`: runs scenarios/bench/soak.yaml with checkpoints, and watches the memory of the process that computes.
// `npm run soak -- --rounds 2000` for a shorter one. It fails where the memory grows: where the median of the last quarter
// of the time is above that of the second quarter by more than a tenth.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10000' } } });
const PAUSE = 1000;
const GROWTH = 1.1;

if (process.platform !== 'linux') {
  console.log('soak: skipped, since the memory of a process is read from /proc, which only Linux has');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'mycel-soak-'));
const started = performance.now();
const child = spawn(
  process.execPath,
  // Without the process that supervises, so that this one is the one that computes.
  [
    ...['dist/src/cli/supervised.js', 'run', 'scenarios/bench/soak.yaml', '--workers', '0'],
    ...['--checkpoint', 'rounds=1000', '--out', folder, '--set', `stop.after=${values.rounds} rounds`],
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
const used = [];
const timer = setInterval(() => {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  if (kilobytes) used.push({ seconds: (performance.now() - started) / 1000, bytes: 1024 * kilobytes });
}, PAUSE);
const code = await new Promise((resolve) => child.on('exit', resolve));
clearInterval(timer);

const median = (list) => list.map(({ bytes }) => bytes).sort((a, b) => a - b)[list.length >> 1];
const part = (from, to) =>
  used.slice(Math.floor(from * used.length), Math.max(1, Math.floor(to * used.length)));
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
for (let tenth = 0; tenth < 10; tenth++) {
  const some = part(tenth / 10, (tenth + 1) / 10);
  if (some.length > 0)
    console.log(
      `from ${Math.round(some[0].seconds)} s: ${megabytes(median(some))} (median of ${some.length} looks)`,
    );
}
if (code === 0) {
  const summary = JSON.parse(readFileSync(join(folder, 'bench/soak/1/summary.json'), 'utf8'));
  const { messages, bytes } = summary.traffic;
  const count = (number) => number.toLocaleString('en');
  console.log(
    `${count(summary.rounds)} rounds, ${count(summary.events)} events, ${count(messages.sent)} messages ` +
      `(${count(messages.dropped)} dropped, ${count(messages.cut)} cut, ${count(messages.ignored)} ignored), ${count(bytes.sent)} bytes`,
  );
  console.log(`files: ${readdirSync(join(folder, 'bench/soak/1')).join(', ')}`);
}
rmSync(folder, { recursive: true });
const [early, late] = [median(part(0.25, 0.5)), median(part(0.75, 1))];
const isFlat = late <= GROWTH * early;
console.log(
  `second quarter ${megabytes(early)}, last quarter ${megabytes(late)}: ${isFlat ? 'flat' : 'it grows'}`,
);
const passed = code === 0 && isFlat;
console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = passed ? 0 : 1;
