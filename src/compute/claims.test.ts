import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Claims } from './claims.js';

test('a job is claimed once, by whichever thread comes first', () => {
  const one = new Claims();
  const other = new Claims(one.memory);
  one.offer(7);
  assert.equal(other.claim(7), true);
  assert.equal(one.claim(7), false);
  assert.equal(other.claim(7), false);
});

test('what is still said of an earlier job with the same place claims nothing', () => {
  const claims = new Claims();
  claims.offer(3);
  claims.offer(3 + 4096);
  assert.equal(claims.claim(3), false);
  assert.equal(claims.claim(3 + 4096), true);
  const late = 2 ** 31 + 5;
  claims.offer(late);
  assert.equal(claims.claim(late), true);
});

test('4096 jobs in a row have places of their own', () => {
  const claims = new Claims();
  const jobs = Array.from({ length: 4096 }, (_, k) => 10 + k);
  for (const job of jobs) claims.offer(job);
  assert.deepEqual(
    jobs.filter((job) => !claims.claim(job)),
    [],
  );
});
