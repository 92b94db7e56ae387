// Unfinished runs whose files were damaged. They are refused with the reason, or they end, from the checkpoint before if need be, with the
// results of a run that nobody has disturbed.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { forkCommand } from '../../dist/src/cli/fork.js';
import { resumeCommand } from '../../dist/src/cli/resume.js';
import { runCommand } from '../../dist/src/cli/run.js';
import { damaged, flipped } from './support/damage.mjs';
import { expect } from './support/inputs.mjs';
import { leaveUnfinished } from './support/kill-scene.mjs';
import { inProcess } from './support/mycel.mjs';
import { expectSame, filesOf, scenarioText } from './support/results.mjs';

const FORK = ['stop.after=13 rounds'];

export default {
  name: 'checkpoints',
  runs: 2000,
  short: 4,
  limits: { seconds: 30 },
  async open({ folder }) {
    const file = join(folder, 'long.yaml');
    writeFileSync(file, scenarioText());
    const whole = join(folder, 'whole');
    const other = join(folder, 'other');
    await leaveUnfinished(file, whole, { trace: true });
    await leaveUnfinished(file, other, { seed: 2, trace: true });
    await inProcess(() => runCommand([file], { out: folder, workers: 0, set: [], quiet: true, trace: true }));
    const expected = filesOf(join(folder, 'long', '1'));
    const input = join(folder, 'input');
    const result = join(input, '1');
    const running = `${result}.running`;
    const forked = join(input, 'fork');
    reset();
    await fork();
    const expectedFork = withoutForks(filesOf(forked));
    return {
      async try(draw, { keep }) {
        reset();
        const what = damage(draw, { running, other });
        const isFork = draw.chance(0.15);
        keep('damage.txt', `${isFork ? 'fork' : 'resume'}: ${what}\n`);
        const { code, err } = isFork ? await fork() : await resume();
        expect(code === 0 || code === 2, `expected exit code 0 or 2, got ${code}: ${err}`);
        if (code === 2) {
          expect(/expected|cannot write/.test(err), `expected a reason, got: ${err}`);
          expect(!existsSync(isFork ? forked : result), 'expected no results of a run that was refused');
          expect(!existsSync(`${forked}.running`), 'expected nothing of a fork that was refused');
          return 'refused';
        }
        // What is no file of a result stays where it was found.
        for (const name of ['x', 'checkpoint-1e9'])
          rmSync(join(isFork ? forked : result, name), { force: true });
        if (!isFork) expectSame(result, expected, 'resumed');
        else expect(isSame(withoutForks(filesOf(forked)), expectedFork), `the fork differs: ${err}`);
        return 'accepted';
      },
    };

    function reset() {
      rmSync(input, { recursive: true, force: true });
      mkdirSync(input, { recursive: true });
      cpSync(whole, running, { recursive: true });
    }

    function resume() {
      return inProcess(() => resumeCommand([result], { workers: 0, quiet: true }));
    }

    function fork() {
      return inProcess(() => forkCommand(result, { set: FORK, out: forked, workers: 0, quiet: true }));
    }
  },
};

/** After how many events a fork begins depends on the checkpoint that it was given. */
function withoutForks({ 'summary.json': summary, ...files }) {
  const { forked: _forked, ...rest } = JSON.parse(summary);
  return { ...files, 'summary.json': JSON.stringify(rest) };
}

function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

const isCheckpoint = (name) => name.startsWith('checkpoint-');

/** Changes files of the folder; returns what was done. */
function damage(draw, { running, other }) {
  const files = readdirSync(running).sort();
  const checkpoints = files.filter(isCheckpoint);
  const tables = files.filter((name) => !isCheckpoint(name));
  const path = (name) => join(running, name);
  const write = (name, content) => writeFileSync(path(name), content);
  const read = (name) => readFileSync(path(name));
  const change = (name) => write(name, (draw.chance(0.5) ? flipped : damaged)(read(name), draw));
  const last = checkpoints.at(-1);
  switch (draw.integer(12)) {
    case 0:
      for (const name of checkpoints) change(name);
      return 'all checkpoints';
    case 1: {
      const [a, b] = checkpoints.map(read);
      write(checkpoints[0], b);
      write(checkpoints[1], a);
      return 'checkpoints in the wrong order';
    }
    case 2: {
      const name = draw.pick(checkpoints);
      cpSync(join(other, draw.pick(readdirSync(other).filter(isCheckpoint))), path(name));
      return `${name} of another run`;
    }
    case 3: {
      const name = draw.pick(tables);
      cpSync(join(other, name), path(name));
      return `${name} of another run`;
    }
    case 4: {
      const name = draw.pick(files);
      rmSync(path(name));
      return `no ${name}`;
    }
    case 5: {
      const name = draw.pick(files);
      rmSync(path(name));
      mkdirSync(path(name));
      return `a folder in place of ${name}`;
    }
    case 6: {
      const name = draw.pick([
        'checkpoint-99',
        'checkpoint-0',
        'checkpoint-99.new',
        'checkpoint-1e9',
        'summary.json',
        'x',
      ]);
      write(name, draw.chance(0.5) ? read(last) : draw.bytes(50));
      return `${name} more`;
    }
    case 7: {
      renameSync(path(last), path(`checkpoint-${draw.pick([0, 1, 50, 999_999])}`));
      return 'another number';
    }
    case 8:
    case 9: {
      const name = draw.pick(tables);
      change(name);
      return name;
    }
    default: {
      const name = draw.pick(checkpoints);
      change(name);
      return name;
    }
  }
}
