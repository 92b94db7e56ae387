import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Argument, Command, Option } from 'commander';
import { mycel } from '../../test/support/cli.js';
import { completionScript } from './completion.js';

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
const without = (shell: string) => (has(shell) ? false : `${shell} is not installed`);

/** What bash proposes for the last of these words. */
async function proposed(...words: string[]): Promise<string[]> {
  const { out } = await mycel('completion', 'bash');
  const all = ['mycel', ...words].map((word) => `'${word}'`).join(' ');
  const call = `COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _mycel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${out}\n${call}`], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, options, their values, names of entries and files', {
  skip: without('bash'),
}, async () => {
  assert.deepEqual(await proposed('va'), ['validate']);
  assert.ok((await proposed('')).includes('show'));
  assert.deepEqual(await proposed('run', '--back'), ['--backend']);
  assert.deepEqual(await proposed('run', '--backend', ''), ['auto', 'native', 'wasm', 'cpu', 'tensorflow']);
  assert.deepEqual(await proposed('list', 'd-p'), ['d-psgd']);
  assert.deepEqual(await proposed('check', '--algorithm', 'fedm'), ['fedmask']);
  assert.deepEqual(await proposed('run', 'scenarios/quick'), ['scenarios/quickstart.yaml']);
  assert.deepEqual(await proposed('run', '--out', 'scenarios/pap'), ['scenarios/papers']);
  assert.deepEqual(await proposed('run', '--seed', ''), []);
  assert.deepEqual(await proposed('sweep', 'wor'), ['work', 'worker']);
  assert.deepEqual(await proposed('completion', 'f'), ['fish']);
});

for (const shell of ['zsh', 'fish']) {
  test(`the script for ${shell} is accepted by it`, { skip: without(shell) }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mycel-completion-'));
    const file = join(folder, 'script');
    writeFileSync(file, (await mycel('completion', shell)).out);
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    if (shell === 'fish') {
      const proposed = (line: string) =>
        spawnSync('fish', ['-c', `source ${file}; complete -C "${line}"`], { encoding: 'utf8' }).stdout;
      assert.match(proposed('mycel swee'), /^sweep\t/);
      assert.match(proposed('mycel run --worke'), /^--workers\t/);
      assert.match(proposed('mycel list d-p'), /^d-psgd\b/);
    }
    rmSync(folder, { recursive: true });
  });
}

test('every command and every option is in every script', async () => {
  const program = new Command('mycel');
  program
    .command('one')
    .description("it's one")
    .addOption(new Option('--pick <x>', 'a choice').choices(['a', 'b']));
  program.command('two').addArgument(new Argument('<folder>', 'a folder'));
  const forZsh = completionScript(program, 'zsh');
  assert.match(forZsh, /'one --pick'\) COMPREPLY=\(\$\(compgen -W 'a b' -- "\$current"\)\); return ;;/);
  assert.doesNotMatch(forZsh, /mapfile/);
  const script = completionScript(program, 'bash');
  assert.match(script, /compgen -W 'one two help --help --version'/);
  assert.match(script, /'one --pick'\) mapfile -t COMPREPLY < <\(compgen -W 'a b'/);
  assert.match(script, /two\) mapfile -t COMPREPLY < <\(compgen -d /);
  const fish = completionScript(program, 'fish');
  assert.match(fish, /-a one -d 'it\\'s one'\n/);
  assert.match(fish, /from one' -l pick -r -a 'a b' -d 'a choice'\n/);
  assert.match(fish, /from two' -a '\(__fish_complete_directories\)'\n/);
  assert.equal((await mycel('completion', 'tcsh')).code, 2);
});
