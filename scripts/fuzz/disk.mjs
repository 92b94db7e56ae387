// Commands on a disk that becomes full: a small tmpfs, in blocks or in files. They say so, with the path, and leave nothing that looks whole;
// once there is room, the run is made again or resumed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forkCommand } from '../../dist/src/cli/fork.js';
import { replayCommand } from '../../dist/src/cli/replay.js';
import { resumeCommand } from '../../dist/src/cli/resume.js';
import { runCommand } from '../../dist/src/cli/run.js';
import { hasCheckpoint } from '../../dist/src/report/checkpoint-file.js';
import { expect } from './support/inputs.mjs';
import { leaveUnfinished } from './support/kill-scene.mjs';
import { inProcess } from './support/mycel.mjs';
import { expectSame, filesOf, scenarioText } from './support/results.mjs';

const PAGE = 4096;
const ROOM = 'size=64m,nr_inodes=10000';
const QUIET = { workers: 0, quiet: true };

export default {
  name: 'disk',
  runs: 300,
  short: 3,
  limits: { seconds: 30 },
  words: { accepted: 'had room', refused: 'were refused' },
  async open({ folder }) {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const reason = mount(disk, ROOM);
    if (reason !== undefined) return { skipped: `no tmpfs can be mounted: ${reason}` };
    spawnSync('umount', [disk]);
    const file = join(folder, 'full.yaml');
    writeFileSync(file, scenarioText());
    const unfinished = join(folder, 'unfinished');
    await leaveUnfinished(file, unfinished, { trace: true });
    const flags = { ...QUIET, set: [], seed: [1], trace: true };
    await inProcess(() => runCommand([file], { ...flags, out: folder }));
    const finished = join(folder, 'full', '1');
    const expected = filesOf(finished);
    const parent = join(disk, 'full');
    const result = join(parent, '1');
    const run = (more = {}) => runCommand([file], { ...flags, ...more, out: disk });
    const resume = () => resumeCommand([result], QUIET);
    const fork = () => forkCommand(finished, { at: { rounds: 5 }, set: [], out: result, ...QUIET });
    const replay = () =>
      replayCommand(finished, { events: { from: 0, to: 1e6 }, out: join(disk, 'out'), workers: 0 });
    const commands = { run, checkpoints: () => run({ checkpoint: { events: 60 } }), resume, fork, replay };
    return { try: attempt, close: () => spawnSync('umount', [disk]) };

    async function attempt(draw, { keep }) {
      const name = draw.pick(Object.keys(commands));
      expect(mount(disk, ROOM) === undefined, 'expected a tmpfs that can be mounted');
      try {
        if (name === 'resume') cpSync(unfinished, `${result}.running`, { recursive: true });
        const limit = drawLimit(draw, disk);
        keep('limit.txt', `${name}: ${limit}\n`);
        remount(disk, limit);
        const { code, err } = await inProcess(commands[name]);
        expect(code === 0 || code === 2, `${name} on ${limit}: exit code ${code}: ${err}`);
        if (code === 2) {
          expect(
            /no space left|ENOSPC/.test(err),
            `${name} on ${limit}: expected that the disk is full, got: ${err}`,
          );
          expect(err.includes(disk), `${name} on ${limit}: expected the path, got: ${err}`);
          expect(!existsSync(result), `${name} on ${limit}: expected no results of a run that was refused`);
        }
        remount(disk, ROOM);
        await again(name, code);
        return code === 0 ? 'accepted' : 'refused';
      } finally {
        spawnSync('umount', [disk]);
      }
    }

    /** With room, everything comes to its end. */
    async function again(name, code) {
      const isOfFork = name === 'fork';
      if (code !== 0 || isOfFork) {
        const how = hasCheckpoint(`${result}.running`) ? resume : name === 'resume' ? run : commands[name];
        if (code !== 0) {
          const { code: later, err } = await inProcess(how);
          expect(later === 0, `${name} with room: exit code ${later}: ${err}`);
        }
      }
      if (name === 'replay') return;
      if (isOfFork) expect(existsSync(result), 'expected the results of a fork');
      else expectSame(result, expected, `${name} with room`);
      const more = readdirSync(parent).filter((found) => found !== '1');
      expect(
        more.length === 0,
        `${name} with room: expected nothing but the results, got ${more.join(', ')}`,
      );
    }
  },
};

function mount(disk, options) {
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

function remount(disk, options) {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${options}`, disk], { encoding: 'utf8' });
  expect(status === 0, () => `expected a tmpfs with ${options}, got: ${stderr}`);
}

/** Some pages, or some files, more than there are. */
function drawLimit(draw, disk) {
  const { blocks, bfree, bsize, files, ffree } = statfsSync(disk);
  if (draw.chance(0.25)) return `nr_inodes=${files - ffree + draw.integer(12)}`;
  const used = (blocks - bfree) * bsize;
  return `size=${Math.max(PAGE, used + PAGE * draw.integer(draw.pick([4, 20, 60])))}`;
}
