/** The JSON Schema of scenario files: it accepts what Mycel accepts, and refuses typical mistakes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { scenarioJsonSchema } from '../src/scenario/json-schema.js';
import { loadScenario } from '../src/scenario/load.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';
import { projectRoot } from './tidy/source.js';

const FILE = join('docs', 'scenario.schema.json');
const schema = scenarioJsonSchema();
// `required` stands beside properties of another branch, and a place may take text or a map.
const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false });
const accepts = ajv.compile(schema);

const files = readdirSync('scenarios', { recursive: true })
  .map((name) => join('scenarios', String(name)))
  .filter((name) => name.endsWith('.yaml'))
  .sort();

test('every scenario that comes with Mycel fits the schema, and so does its resolved form', async () => {
  assert.ok(files.length > 30);
  for (const file of files) {
    assert.ok(accepts(parse(readFileSync(file, 'utf8'))), `${file}: ${ajv.errorsText(accepts.errors)}`);
    for (const { plan } of (await loadScenario(file)).variants) {
      const resolved = JSON.parse(JSON.stringify(plan.resolved)) as unknown;
      assert.ok(accepts(resolved), `${file}: ${ajv.errorsText(accepts.errors)}`);
    }
  }
});

test('every scenario that comes with Mycel names the schema in its first line, by its path from there', () => {
  for (const file of files) {
    const [first] = readFileSync(file, 'utf8').split('\n');
    assert.equal(first, `# yaml-language-server: $schema=${relative(dirname(file), FILE)}`, file);
  }
});

test('the committed schema is what mycel schema writes', async () => {
  const { code, out } = await mycel('schema');
  assert.equal(code, 0);
  assert.equal(readFileSync(join(projectRoot(), FILE), 'utf8'), out);
  assert.deepEqual(JSON.parse(out), schema);
});

const fits = (replace: Readonly<Record<string, string>>) => accepts(parse(scenarioText(replace)));
const NETWORK = 'network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: unlimited';

const RIGHT: Readonly<Record<string, string>>[] = [
  {},
  { seed: '' },
  { topology: 'topology: ring' },
  { topology: 'topology: ./mine.js' },
  { algorithm: 'algorithm: { use: ./mine.js, anything: 1 }' },
  { topology: '', compare: 'compare: { topology: [ring, { name: far, use: random-regular, degree: 2 }] }' },
  { topology: 'topology: { use: random-regular }', compare: 'compare: [{ topology.degree: [2, 3] }]' },
  { stop: 'stop: { after: 1 round, at: 1.5h }' },
  { network: `${NETWORK}, drop: 0.5% }` },
];

const WRONG: Readonly<Record<string, string>>[] = [
  { nodes: '' },
  { nodes: 'nodes: 0' },
  { stop: '' },
  { stop: 'stop: { after: 30 }' },
  { stop: 'stop: { after: 0 rounds }' },
  { stop: 'stop: { at: 2 hours }' },
  { network: `${NETWORK}, drop: 0.1 }` },
  { network: `${NETWORK}, drop: 5ms }` },
  { network: `${NETWORK}, dorp: 1% }` },
  { network: 'network: { latency: 10ms, uplink: 1Mbps, downlink: 1Mbps }' },
  { topology: 'topology: rign' },
  { topology: 'topology: random-regular' },
  { topology: 'topology: { use: ring, degree: 3 }' },
  { topology: 'topology: { use: random-regular, degree: many }' },
  { algorithm: 'algorithm: { use: d-psgd, codec: { use: top-k, fraction: 0.1 } }' },
  { algorithm: 'algorithm: { use: d-psgd, codec: { use: flaot16 } }' },
  { data: 'data: { use: blobs }' },
  { model: 'model: { use: mlp, hidden: 64 }' },
  { topolgy: 'topolgy: ring' },
  { compare: 'compare: { topology: [ring] }' },
  { compare: 'compare: { topology: [ring, complete], nodes: [3, 4] }' },
  { stop: 'stop: { after: 3 }', compare: 'compare: { topology: [ring, complete] }' },
];

test('what Mycel accepts fits', () => {
  for (const replace of RIGHT)
    assert.ok(fits(replace), `${JSON.stringify(replace)}: ${ajv.errorsText(accepts.errors)}`);
});

test('typical mistakes do not fit', () => {
  for (const replace of WRONG) assert.ok(!fits(replace), JSON.stringify(replace));
});

test('every option of the schema has its description, and those with units a pattern', () => {
  const { definitions } = schema as { definitions: Record<string, { properties?: Record<string, object> }> };
  const { value } = definitions['latency-constant']!.properties as Record<string, Record<string, string>>;
  assert.equal(value!.description, 'latency of every message');
  assert.match('35ms', new RegExp(value!.pattern!));
  assert.doesNotMatch('35 parsecs', new RegExp(value!.pattern!));
});

test('mycel schema writes a file, and says how a scenario names it', async () => {
  const folder = workIn('mycel-schema-');
  const { code, out } = await mycel('schema', '--out', 's.json');
  assert.equal(code, 0);
  assert.match(out, /^s\.json: .* # yaml-language-server: \$schema=s\.json\n$/);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 's.json'), 'utf8')), schema);
  assert.equal((await mycel('schema', '--out', 'no/such/s.json')).code, 2);
});
