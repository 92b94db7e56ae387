import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import type { ScenarioFacts } from './algorithm.js';
import { type RoundOptions, requireDeadline } from './rounds.js';

const PATIENT: RoundOptions = { reliable: false };
const HASTY: RoundOptions = { reliable: false, deadline: 1000 };

test('a deadline is required where a node might wait for ever, and only there', () => {
  const facts = (change: Partial<ScenarioFacts<RoundOptions>>): ScenarioFacts<RoundOptions> => ({
    options: PATIENT,
    nodes: 4,
    drops: false,
    faults: false,
    ...change,
  });
  const refused = (error: unknown) => error instanceof UsageError && error.code === 'no-deadline';
  const reliable = { reliable: true };
  for (const fine of [
    facts({}),
    facts({ drops: true, options: HASTY }),
    facts({ drops: true, options: reliable }),
    facts({ faults: true, options: HASTY }),
  ]) {
    requireDeadline(fine);
  }
  assert.throws(() => requireDeadline(facts({ drops: true })), refused);
  assert.throws(() => requireDeadline(facts({ faults: true, options: reliable })), refused);
});
