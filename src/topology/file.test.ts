import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { file } from './file.js';
import { mixingRows, neighborsOf } from './index.js';

const directory = mkdtempSync(join(tmpdir(), 'mycel-topology-'));
after(() => rmSync(directory, { recursive: true }));

/** The topology in a file of that name and text. */
function read(name: string, text: string, nodes: number, options: object = {}) {
  writeFileSync(join(directory, name), text);
  const parsed = file.options.parse({ path: name, ...options });
  return neighborsOf(file.build(parsed, { nodes, random: new Random('x'), directory }));
}

const lists = (...given: Parameters<typeof read>) => read(...given).out.map((list) => [...list]);

function refused(given: Parameters<typeof read>, message: RegExp): void {
  assert.throws(
    () => read(...given),
    (error) => error instanceof UsageError && message.test(error.message),
    String(message),
  );
}

const TRIANGLE_WITH_TAIL = [[1, 2], [0, 2], [0, 1, 3], [2]];

test('a list of edges has lines of two nodes, with comments, commas and column names', () => {
  assert.deepEqual(lists('a.txt', '# a comment\n0 1\n1\t2\n\n2 0\n2 3\n', 4), TRIANGLE_WITH_TAIL);
  assert.deepEqual(
    lists('a.csv', 'source,target,weight\n0,1,0.5\r\n1, 2,0.5\n2;0\n2,3\n', 4),
    TRIANGLE_WITH_TAIL,
  );
  assert.deepEqual(lists('a.edges', '0 1\n1 2\n', 3, { directed: true }), [[1], [2], []]);
  // Numbers below that of the nodes are nodes; others are ids.
  assert.deepEqual(lists('gap.txt', '0 2\n', 4), [[2], [], [0], []]);
  assert.deepEqual(lists('ids.txt', '10 30\n30 20\n', 3), [[2], [2], [0, 1]]);
  assert.deepEqual(lists('names.txt', 'b a\na c\n', 3), [[1, 2], [0], [0]]);
});

test('GML, GraphML and GEXF give the same graph', () => {
  const edges = ['0 1', '1 2', '2 0', '2 3'].map((pair) => pair.split(' '));
  const gml = `graph [ ${['0', '1', '2', '3'].map((id) => `node [ id ${id} ]`).join('\n')}
    ${edges.map(([a, b]) => `edge [ source ${a} target ${b} ]`).join('\n')} ]`;
  assert.deepEqual(lists('a.gml', gml, 4), TRIANGLE_WITH_TAIL);
  const xml = (kind: string) => `<?xml version="1.0" encoding="UTF-8"?>
<${kind}><graph edgedefault="undirected" defaultedgetype="undirected"><!-- <node id="x"/> -->
  <nodes>${['0', '1', '2', '3'].map((id) => `<node id="${id}" label="&lt;${id}&gt;"/>`).join('\n')}</nodes>
  <edges>${edges.map(([a, b], k) => `<edge id="${k}" source="${a}" target="${b}" />`).join('\n')}</edges>
</graph></${kind}>`;
  assert.deepEqual(lists('a.gexf', xml('gexf'), 4), TRIANGLE_WITH_TAIL);
  assert.deepEqual(lists('a.graphml', xml('graphml'), 4), TRIANGLE_WITH_TAIL);
  assert.deepEqual(lists('a.xml', xml('graphml'), 4, { format: 'graphml' }), TRIANGLE_WITH_TAIL);
});

test('directions are those of the file, edge by edge', () => {
  const nodes = '<node id="0"/><node id="1"/><node id="2"/>';
  const graphml = `<graphml><graph edgedefault="directed">${nodes}
    <edge source="0" target="1"/><edge source="1" target="2" directed="false"/></graph></graphml>`;
  assert.deepEqual(lists('d.graphml', graphml, 3), [[1], [2], [1]]);
  const gexf = `<gexf><graph defaultedgetype="undirected"><nodes>${nodes}</nodes><edges>
    <edge source="0" target="1" type="directed"/><edge source="1" target="2"/></edges></graph></gexf>`;
  assert.deepEqual(lists('d.gexf', gexf, 3), [[1], [2], [1]]);
  assert.deepEqual(
    lists('d.gml', 'graph [ directed 1 node [ id 0 ] node [ id 1 ] edge [ source 1 target 0 ] ]', 2),
    [[], [0]],
  );
});

test('weights are mixing weights where that is asked for, in all formats', () => {
  const expected = [
    { self: 0.75, neighbors: Float64Array.of(0.25) },
    { self: 0.25, neighbors: Float64Array.of(0.25, 0.5) },
    { self: 0.5, neighbors: Float64Array.of(0.5) },
  ];
  const nodes = '<node id="0"/><node id="1"/><node id="2"/>';
  const texts: Record<string, string> = {
    'w.csv': '0,1,0.25\n1,2,0.5\n',
    'w.gml': `graph [ node [ id 0 ] node [ id 1 ] node [ id 2 ]
      edge [ source 0 target 1 weight 0.25 ] edge [ source 1 target 2 weight 0.5 ] ]`,
    'w.gexf': `<gexf><graph><nodes>${nodes}</nodes><edges><edge source="0" target="1" weight="0.25"/>
      <edge source="1" target="2" weight="0.5"/></edges></graph></gexf>`,
    'w.graphml': `<graphml><key id="d1" for="edge" attr.name="weight" attr.type="double"/><graph>${nodes}
      <edge source="0" target="1"><data key="d1">0.25</data></edge>
      <edge source="1" target="2"><data key="d0">7</data><data key="d1"> 0.5 </data></edge></graph></graphml>`,
  };
  for (const [name, text] of Object.entries(texts)) {
    assert.deepEqual(mixingRows(read(name, text, 3, { weights: true }), 'edge-weights'), expected, name);
    assert.throws(
      () => mixingRows(read(name, text, 3), 'edge-weights'),
      (error) => error instanceof UsageError && error.code === 'no-weights',
      name,
    );
  }
});

test('what a file has wrong is said with its line', () => {
  refused(
    ['m.txt', '0 1\n1\n', 2],
    /^m\.txt:2: expected two nodes and perhaps a number, their weight, got "1"/,
  );
  refused(['m.txt', '0 1 x\n', 2], /^m\.txt:1: .*got "0 1 x"/);
  refused(
    ['m.txt', '0 1\n\n1 1\n', 2],
    /^m\.txt:3: expected an edge between two nodes, got one from "1" to itself/,
  );
  refused(['m.txt', '0 1\n1 0\n', 2], /^m\.txt:2: expected every link once.*which line 1 has/);
  refused(
    ['m.txt', '0 1 0.7\n1 2 0.4\n', 3, { weights: true }],
    /^m\.txt:2: expected weights into node "1".*at most 1, got 1\.1/,
  );
  refused(['m.txt', '0 1\n', 2, { weights: true }], /^m\.txt:1: expected a weight/);
  refused(['m.txt', '0 1 -1\n', 2, { weights: true }], /^m\.txt:1: expected a weight above 0, got -1/);
  refused(
    ['m.gml', 'graph [\nnode [ id 0 ]\nedge [ source 0 target 4 ] ]', 1],
    /^m\.gml:3: .*nodes of the file, got "4"/,
  );
  refused(['m.gml', 'graph [\nnode [ id 0 ]\nnode [ id 0 ] ]', 1], /^m\.gml:3: expected every node once/);
  refused(['m.gml', 'graph [\nnode [ label "a" ] ]', 1], /^m\.gml:2: expected id/);
  refused(['m.gml', 'Creator "x"', 1], /^m\.gml:1: expected one graph/);
  refused(
    ['m.gexf', '<gexf>\n<graph>\n<nodes>\n</graph></gexf>', 1],
    /^m\.gexf:3: .*well formed: <nodes> is not closed/,
  );
  refused(['m.gexf', '<gexf>\n<graph>', 1], /^m\.gexf:2: .*<graph> is not closed/);
  refused(['m.gexf', 'no such thing', 1], /^m\.gexf:1: expected a GEXF document with a graph/);
  refused(
    ['m.graphml', '<graphml><graph>\n<node/></graph></graphml>', 1],
    /^m\.graphml:2: expected the attribute "id" of <node>/,
  );
  refused(
    [
      'm.gexf',
      '<gexf><graph>\n<node id="0"/><node id="1"/>\n<edge source="0" target="1" weight="x"/></graph></gexf>',
      2,
    ],
    /^m\.gexf:3: expected a number as the weight, got "x"/,
  );
});

test('a file with another number of nodes is refused with the number that it has, and so is one that is not there', () => {
  refused(['n.txt', 'a b\nb c\n', 5], /as many nodes as "n\.txt" has, 3, got 5: set nodes: 3/);
  const absent = file.options.parse({ path: 'absent.gml' });
  assert.throws(
    () => file.build(absent, { nodes: 2, random: new Random('x'), directory }),
    (error) => error instanceof UsageError && error.code === 'no-file' && error.path === 'topology.path',
  );
});
