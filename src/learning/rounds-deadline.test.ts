import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { numbers } from '../wire/control.js';
import type { ScenarioFacts } from './algorithm.js';
import { messageType } from './messages.js';
import type { Phase } from './phases.js';
import { type RoundOptions, requireDeadline, rounds } from './rounds.js';

const PATIENT: RoundOptions = { reliable: false };
const HASTY: RoundOptions = { reliable: false, deadline: 1000 };

const factsOf = (change: Partial<ScenarioFacts<RoundOptions>>): ScenarioFacts<RoundOptions> => ({
  options: PATIENT,
  nodes: 4,
  drops: false,
  faults: false,
  ...change,
});

test('the error says what would end the waiting', () => {
  const messageOf = (change: Partial<ScenarioFacts<RoundOptions>>) => {
    try {
      requireDeadline(factsOf(change));
    } catch (error) {
      return (error as UsageError).message;
    }
    return 'none';
  };
  const deadline = 'expected algorithm.deadline (such as 5s)';
  const either = `${deadline} or algorithm.reliable: true`;
  const down = 'because nodes may go down, and their neighbours would wait for ever';
  const dropped = 'because messages may be dropped, and their receivers would wait for ever';
  const reliable = { reliable: true };
  assert.equal(messageOf({ faults: true }), `${deadline}, ${down}`);
  assert.equal(messageOf({ drops: true }), `${either}, ${dropped}`);
  assert.equal(messageOf({ drops: true, givesUp: true }), `${either}, ${dropped}`);
  assert.equal(messageOf({ drops: true, givesUp: true, options: reliable }), `${deadline}, ${dropped}`);
  assert.equal(messageOf({ givesUp: true }), 'none');
});

test('rounds without messages need no deadline, and what else the algorithm refuses is refused', () => {
  const made = (phase: Phase<null, RoundOptions>) =>
    rounds<null, RoundOptions>({
      id: 'subject',
      description: '',
      reference: '',
      options: z.any(),
      init: () => null,
      phases: () => [phase],
      validate: ({ nodes }) => {
        if (nodes > 4) throw new UsageError('crowd', 'too many');
      },
      evaluate: () => ({}),
    });
  const silent = made({});
  const talking = made({ message: messageType('m', () => numbers('u32', 1)) });
  assert.doesNotThrow(() => silent.validate!(factsOf({ drops: true })));
  assert.throws(() => talking.validate!(factsOf({ drops: true })), { code: 'no-deadline' });
  assert.doesNotThrow(() => talking.validate!(factsOf({ drops: true, options: HASTY })));
  assert.throws(() => silent.validate!(factsOf({ nodes: 5 })), { code: 'crowd' });
});

test('a deadline is required where a node might wait for ever, and only there', () => {
  const refused = (error: unknown) => error instanceof UsageError && error.code === 'no-deadline';
  const reliable = { reliable: true };
  for (const fine of [
    factsOf({}),
    factsOf({ drops: true, options: HASTY }),
    factsOf({ drops: true, options: reliable }),
    factsOf({ faults: true, options: HASTY }),
  ]) {
    requireDeadline(fine);
  }
  assert.throws(() => requireDeadline(factsOf({ drops: true })), refused);
  assert.throws(() => requireDeadline(factsOf({ faults: true, options: reliable })), refused);
});
