// Processes of the command that are killed, at any time of their lives: at a random moment, or at one operation on files. What is left is
// looked at, and run or resumed to its end: with the results of runs that nobody has disturbed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './support/inputs.mjs';
import { makeScene } from './support/kill-scene.mjs';
import { killGroup, start } from './support/mycel.mjs';

export default {
  name: 'kills',
  runs: 1000,
  short: 1,
  limits: { seconds: 20 },
  words: { accepted: 'killed and mended', refused: 'over before' },
  async open({ folder }) {
    const { commands, reset, look, finish } = await makeScene(folder);
    const lives = {};
    return { try: attempt };

    async function attempt(draw, { keep }) {
      const name = draw.pick(Object.keys(commands));
      lives[name] ??= await lifeOf(name);
      const hasEarlier = draw.chance(0.3);
      reset(name, hasEarlier);
      const kill = drawKill(draw, lives[name]);
      keep('kill.json', JSON.stringify({ command: commands[name], hasEarlier, ...kill }));
      const { child, ended } = start(kill.program, commands[name], { cwd: folder, follow: kill.follow });
      const timer = kill.after === undefined ? undefined : setTimeout(() => send(child, kill), kill.after);
      const { code, err } = await ended;
      clearTimeout(timer);
      const isPolite = kill.signal !== 'SIGKILL';
      if (code !== null && kill.target === 'group')
        expect(code === 0 || (isPolite && code === 130), `exit code ${code} after ${kill.signal}: ${err}`);
      const mayInterrupt = isPolite || kill.target === 'supervisor';
      look({ hasEarlier, mayInterrupt, what: `after ${kill.signal}` });
      await finish({ hasEarlier, seeds: name === 'two' ? [1, 2] : [1] });
      return code === 0 ? 'refused' : 'accepted';
    }

    /** How long a command takes, and how many operations on files it does. */
    async function lifeOf(name) {
      const countTo = join(folder, 'count');
      reset(name);
      const before = performance.now();
      const { code, err } = await start('supervised', commands[name], { cwd: folder, follow: { countTo } })
        .ended;
      expect(code === 0, `${name} without a kill: exit code ${code}: ${err}`);
      const milliseconds = performance.now() - before;
      return { milliseconds, operations: Number(readFileSync(countTo, 'utf8')) };
    }
  },
};

/** When, how and in which process. */
function drawKill(draw, { milliseconds, operations }) {
  if (draw.chance(0.5)) {
    const follow = { killAt: draw.integer(operations), when: draw.pick(['before', 'middle', 'after']) };
    return { program: 'supervised', target: 'group', signal: 'SIGKILL', follow };
  }
  const program = draw.chance(0.6) ? 'supervised' : 'main';
  const signal = draw.chance(0.75) ? 'SIGKILL' : draw.pick(['SIGINT', 'SIGTERM']);
  const target =
    program === 'main' && signal === 'SIGKILL' ? draw.pick(['group', 'supervisor', 'worker']) : 'group';
  // The command of two processes starts later.
  const life = milliseconds * (program === 'main' ? 1.3 : 1.1);
  return { program, target, signal, after: draw.uniform() * life };
}

function send(child, { target, signal }) {
  if (target === 'group') killGroup(child.pid, signal);
  else if (target === 'supervisor') child.kill('SIGKILL');
  else for (const worker of childrenOf(child.pid)) process.kill(worker, 'SIGKILL');
}

function childrenOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
