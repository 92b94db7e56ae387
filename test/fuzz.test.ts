/** A short, seeded form of `npm run fuzz`: the first inputs of every kind. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

interface Kind {
  readonly name: string;
  /** Number of inputs here. */
  readonly short: number;
}
interface Tally {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly { readonly index: number; readonly message: string }[];
  readonly skipped: string | undefined;
}
const load = (name: string) => import(pathToFileURL(join('scripts', 'fuzz', name)).href);
const { KINDS, loadKind } = (await load('kinds.mjs')) as {
  KINDS: readonly string[];
  loadKind(name: string): Promise<Kind>;
};
const { tryInputs } = (await load(join('support', 'inputs.mjs'))) as {
  tryInputs(kind: unknown, job: { seed: number; to: number; folder: string }): Promise<Tally>;
};

const folder = mkdtempSync(join(tmpdir(), 'mycel-fuzz-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const name of KINDS) {
  test(`the first inputs of \`npm run fuzz -- ${name}\` are accepted or refused as they must be`, async (context) => {
    const kind = await loadKind(name);
    assert.equal(kind.name, name);
    const { inputs, accepted, refused, failures, skipped } = await tryInputs(kind, {
      seed: 1,
      to: kind.short,
      folder,
    });
    if (skipped !== undefined) return context.skip(`${name}: ${skipped}`);
    assert.deepEqual(failures, []);
    assert.deepEqual([inputs, accepted + refused], [kind.short, kind.short]);
  });
}

test('an input that goes wrong is a failure with its number, and is kept', async () => {
  const kind = {
    name: 'wrong',
    open: () => ({
      try(draw: { chance(probability: number): boolean }, { index }: { index: number }) {
        if (index === 2) throw new Error('it went wrong');
        return draw.chance(0.5) ? 'accepted' : 'refused';
      },
    }),
  };
  const { failures, ...tally } = await tryInputs(kind, { seed: 7, to: 5, folder });
  assert.deepEqual(
    tally,
    await tryInputs(kind, { seed: 7, to: 5, folder }).then(({ failures: _, ...same }) => same),
  );
  assert.deepEqual([tally.inputs, tally.accepted + tally.refused], [5, 4]);
  assert.deepEqual(
    failures.map(({ index, message }) => [index, message.split('\n')[0]]),
    [[2, 'Error: it went wrong']],
  );
});
