import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../errors.js';
import { type GmlItem, parseGml } from './gml.js';

/** Items without their lines. */
const plain = (items: readonly GmlItem[]): unknown =>
  items.map(({ key, value }) => [key, typeof value === 'object' ? plain(value) : value]);

test('GML is lists of keys with numbers, texts and lists', () => {
  const text = `# a comment [ of no meaning
Creator "someone"
graph [
  directed 0
  node [ id 1 label "A &quot;B&quot; &amp; &#67;" ]
  node [ id -2 x 1.5e-3 y .5 z 2. ]   # behind an item
  edge [ source 1 target -2 latency "10 ms" ]
]
`;
  const items = parseGml(text, 'a.gml');
  assert.deepEqual(plain(items), [
    ['Creator', 'someone'],
    [
      'graph',
      [
        ['directed', 0],
        [
          'node',
          [
            ['id', 1],
            ['label', 'A "B" & C'],
          ],
        ],
        [
          'node',
          [
            ['id', -2],
            ['x', 0.0015],
            ['y', 0.5],
            ['z', 2],
          ],
        ],
        [
          'edge',
          [
            ['source', 1],
            ['target', -2],
            ['latency', '10 ms'],
          ],
        ],
      ],
    ],
  ]);
  const graph = items[1]!.value as readonly GmlItem[];
  assert.deepEqual(
    graph.map(({ line }) => line),
    [4, 5, 6, 7],
  );
});

test('a list may follow its key at once, and texts may have several lines', () => {
  assert.deepEqual(plain(parseGml('a[b"x\ny"c 1]', 'f')), [
    [
      'a',
      [
        ['b', 'x\ny'],
        ['c', 1],
      ],
    ],
  ]);
  assert.equal((parseGml('a[b"x\ny"c 1]', 'f')[0]!.value as readonly GmlItem[])[1]!.line, 2);
  assert.deepEqual(parseGml('', 'f'), []);
});

test('what is no GML is refused with file and line', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['graph [\n  node [ id 1 ]\n', 'f.gml:3: expected "]", which ends a list, got the end'],
    ['a 1\n]', 'f.gml:2: expected a key, since all lists are closed, got "]"'],
    ['a 1\n\n7 8', 'f.gml:3: expected a key (letters, digits and "_"), got "7"'],
    [
      'a 1\nb nothing',
      'f.gml:2: expected a number, a text in double quotes or a list as the value of "b", got "nothing"',
    ],
    ['a 1x', 'f.gml:1: expected a number, a text in double quotes or a list as the value of "a", got "1x"'],
    [
      'a "open',
      'f.gml:1: expected a number, a text in double quotes or a list as the value of "a", got "\\"open"',
    ],
    ['a1.5', 'f.gml:1: expected a space after the key "a1", got ".5"'],
    [`${'a ['.repeat(101)}`, 'f.gml:1: expected at most 100 lists within each other, got the end'],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseGml(text, 'f.gml'),
      (error) => error instanceof UsageError && error.code === 'bad-gml' && error.message === message,
      text,
    );
  }
});

test('any text is either read or refused with a UsageError', () => {
  const pieces = fc.constantFrom('a', ' ', '[', ']', '"', '1', '-', '.', '#', '\n', '&', 'e');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
      try {
        parseGml(list.join(''), 'f');
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});
