// Results and journals that were damaged, read again by verify, diff, fork and replay: each says that they differ, or refuses them with a reason.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { diffCommand } from '../../dist/src/cli/diff.js';
import { forkCommand } from '../../dist/src/cli/fork.js';
import { replayCommand } from '../../dist/src/cli/replay.js';
import { runCommand } from '../../dist/src/cli/run.js';
import { verifyCommand } from '../../dist/src/cli/verify.js';
import { RESULT_FILES } from '../../dist/src/report/tables.js';
import { damaged, flipped } from './support/damage.mjs';
import { expect } from './support/inputs.mjs';
import { inProcess } from './support/mycel.mjs';
import { filesOf, scenarioText } from './support/results.mjs';

const FLAGS = { workers: 0, quiet: true };
const VALUES = [null, true, -1, 1e308, '', 'x', [], {}, [null], { use: 'ring' }];

export default {
  name: 'traces',
  runs: 2000,
  short: 8,
  limits: { seconds: 60 },
  async open({ folder }) {
    const file = join(folder, 'short.yaml');
    writeFileSync(file, scenarioText({ rounds: 3 }));
    await inProcess(() => runCommand([file], { out: folder, ...FLAGS, set: [], trace: true }));
    const whole = join(folder, 'short', '1');
    const journal = join(folder, 'journal.ndjson');
    await inProcess(() => replayCommand(whole, { events: { from: 0, to: 60 }, out: journal, workers: 0 }));
    const expected = resultFiles(whole);
    const records = recordsOf(readFileSync(journal, 'utf8'));
    const input = join(folder, 'input');
    const result = join(input, '1');
    return {
      async try(draw, { keep }) {
        rmSync(input, { recursive: true, force: true });
        mkdirSync(input);
        cpSync(whole, result, { recursive: true });
        const command = draw.pick([
          'verify',
          'verify',
          'diff',
          'diff',
          'journals',
          'journals',
          'fork',
          'replay',
        ]);
        const change = command === 'journals' ? '' : damage(draw, result, command);
        keep('change.txt', `${command} ${change}\n`);
        if (command === 'journals') return journals(draw, input, keep);
        const { code, err, out } = await calls(command, draw);
        const found = resultFiles(result);
        // A run that is verified writes a trace where there is one.
        if (command === 'verify') found['trace.ndjson'] ??= expected['trace.ndjson'];
        const isSame = isDeepStrictEqual(found, expected);
        if (code === 2) {
          expect(/expected|unknown|cannot/.test(err), `${command}: expected a reason, got: ${err}`);
          return 'refused';
        }
        if (command === 'verify' || command === 'diff')
          expect(
            (code === 0) === isSame,
            `${command} of ${isSame ? 'the same' : 'changed'} results: exit code ${code}: ${out}${err}`,
          );
        expect(code === 0 || code === 1, `${command}: exit code ${code}: ${err}`);
        return code === 0 ? 'accepted' : 'refused';
      },
    };

    function calls(command, draw) {
      if (command === 'verify') return inProcess(() => verifyCommand([result], FLAGS));
      if (command === 'diff') {
        const pair = draw.chance(0.5) ? [whole, result] : [result, whole];
        return inProcess(() => diffCommand(...pair, FLAGS));
      }
      const out = join(input, 'out');
      if (command === 'replay')
        return inProcess(() => replayCommand(result, { events: { from: 10, to: 30 }, out, workers: 0 }));
      return inProcess(() =>
        forkCommand(result, { at: { rounds: 1 }, set: ['stop.after=2 rounds'], out, ...FLAGS }),
      );
    }

    async function journals(draw, place, keep) {
      const other = join(place, 'journal.ndjson');
      const content = (draw.chance(0.5) ? flipped : damaged)(readFileSync(journal), draw);
      keep('journal.ndjson', content);
      writeFileSync(other, content);
      const pair = draw.chance(0.5) ? [journal, other] : [other, journal];
      const { code, err, out } = await inProcess(() => diffCommand(...pair, FLAGS));
      if (code === 2) {
        expect(/journal\.ndjson:\d+: expected/.test(err), `expected the line of the journal, got: ${err}`);
        return 'refused';
      }
      const isSame = isDeepStrictEqual(recordsOf(Buffer.from(content).toString()), records);
      expect(
        code === (isSame ? 0 : 1),
        `diff of ${isSame ? 'the same' : 'changed'} journals: exit code ${code}: ${out}`,
      );
      return code === 0 ? 'accepted' : 'refused';
    }
  },
};

/** The files that count, without the machine, byte for byte. */
function resultFiles(folder) {
  try {
    return Object.fromEntries(
      Object.entries(filesOf(folder, 'latin1')).filter(([name]) => RESULT_FILES.includes(name)),
    );
  } catch (error) {
    return { unreadable: error.code };
  }
}

/** The records of a journal; undefined for what is none. */
function recordsOf(text) {
  try {
    return Buffer.from(text)
      .toString()
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Changes a file of a result; returns what was done. */
function damage(draw, result, command) {
  const files = readdirSync(result).sort();
  // The other commands read the summary alone.
  const name = command === 'fork' || command === 'replay' ? 'summary.json' : draw.pick(files);
  const path = join(result, name);
  const kind = draw.integer(12);
  if (kind === 0) {
    rmSync(path);
    return `no ${name}`;
  }
  if (kind === 1) {
    rmSync(path);
    mkdirSync(path);
    return `a folder in place of ${name}`;
  }
  if (kind === 2) {
    writeFileSync(path, readFileSync(join(result, draw.pick(files))));
    return `another file in place of ${name}`;
  }
  if (kind === 3 && draw.chance(0.3)) {
    rmSync(result, { recursive: true });
    if (draw.chance(0.5)) mkdirSync(result);
    return 'no result';
  }
  if (kind < 8 && name === 'summary.json') {
    const summary = { root: JSON.parse(readFileSync(path, 'utf8')) };
    const where = changeSummary(draw, summary);
    writeFileSync(path, JSON.stringify(summary.root));
    return `${where} of ${name}`;
  }
  const content = readFileSync(path);
  writeFileSync(path, (draw.chance(0.6) ? flipped : damaged)(content, draw));
  return existsSync(path) ? name : '';
}

/** Puts another value at a path of the summary; returns the path. */
function changeSummary(draw, root) {
  let [holder, key] = [root, 'root'];
  const path = [];
  while (typeof holder[key] === 'object' && holder[key] !== null && (path.length === 0 || draw.chance(0.7))) {
    const keys = Object.keys(holder[key]);
    if (keys.length === 0) break;
    holder = holder[key];
    key = draw.pick(keys);
    path.push(key);
  }
  if (draw.chance(0.3)) delete holder[key];
  else holder[key] = draw.pick(VALUES);
  return path.join('.');
}
