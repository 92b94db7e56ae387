// Converts recorded availability into the CSV file of the fault `trace`: `node scripts/traces/convert.mjs fedscale FILE --nodes 100 > up.csv`.
//
//   fedscale  client_behave_trace as JSON, by client: { active: [s …], inactive: [s …], finish_time: s }. A client is up from active[k] until
//             inactive[k]; its trace repeats after finish_time. FedScale ships a pickle, which this script never reads, since reading a pickle runs its
//             code: export it as JSON where you trust it.
//   flash     user_behavior*.json of FLASH, by user: { messages: "2020-01-30 22:16:15<TAB>battery_charged_on\n…" }. A phone is up while it is
//             charged, on Wi-Fi, and its screen is off or locked. Time begins when the first of them is up.
//
// Clients are taken in the order of the file: the first one that is ever up is node 0, and so on.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string', default: '1000000' } },
});
const [format, file] = positionals;
const most = Number(values.nodes);

/** Ends with a message for the user. */
function refuse(message) {
  console.error(`convert: ${message}`);
  process.exit(2);
}

function readJson(name) {
  const bytes = readFileSync(name);
  if (bytes[0] === 0x80)
    refuse(
      `expected JSON, got a pickle: ${name}. Export it as JSON where you trust it: reading a pickle runs its code`,
    );
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return refuse(`expected JSON, got ${error.message}: ${name}`);
  }
}

/** Intervals in seconds of a client of FedScale. */
function fedscale(client, { active, inactive, finish_time: end }) {
  const areTimes = (list) => Array.isArray(list) && list.every((time) => Number.isFinite(time) && time >= 0);
  if (!areTimes(active) || !areTimes(inactive) || !(end > 0))
    refuse(`expected active, inactive and finish_time of client ${client}: ${file}`);
  const intervals = [];
  for (const [k, from] of active.entries()) {
    const to = inactive[k] ?? end;
    if (to < from || from < (intervals.at(-1)?.[1] ?? 0))
      refuse(
        `expected the times of client ${client} in order, got active ${from} and inactive ${to}: ${file}`,
      );
    if (to > from) intervals.push([from, to]);
  }
  return intervals;
}

const STATES = {
  battery_charged_on: ['charged', true],
  battery_charged_off: ['charged', false],
  screen_off: ['off', true],
  screen_on: ['off', false],
  screen_lock: ['locked', true],
  screen_unlock: ['locked', false],
  wifi: ['wifi', true],
  ...Object.fromEntries(['2G', '3G', '4G', '5G', 'Unknown'].map((name) => [name, ['wifi', false]])),
};

/** Intervals in seconds since 1970 of a user of FLASH, between the first and the last message. */
function flash(user, { messages }) {
  if (typeof messages !== 'string') refuse(`expected the messages of user ${user}: ${file}`);
  const state = { charged: false, off: false, locked: false, wifi: false };
  const intervals = [];
  let since;
  let last = 0;
  for (const line of messages.split('\n').filter((text) => text.trim() !== '')) {
    const [stamp, name = ''] = line.split('\t').map((text) => text.trim());
    const time = Date.parse(`${stamp.replace(' ', 'T')}Z`) / 1000;
    if (!(time >= last))
      refuse(`expected messages of user ${user} in order of time, got "${line.trim()}": ${file}`);
    last = time;
    const change = STATES[name];
    if (change !== undefined) state[change[0]] = change[1];
    const isUp = state.charged && state.wifi && (state.off || state.locked);
    if (isUp) since ??= time;
    else if (since !== undefined) {
      if (time > since) intervals.push([since, time]);
      since = undefined;
    }
  }
  if (since !== undefined && last > since) intervals.push([since, last]);
  return intervals;
}

const formats = { fedscale, flash };
if (!Object.hasOwn(formats, format ?? '') || file === undefined)
  refuse('expected fedscale or flash, and a file');
if (!(most >= 1)) refuse(`expected a number of nodes of at least 1, got ${values.nodes}`);
const nodes = [];
for (const [client, record] of Object.entries(readJson(file))) {
  if (nodes.length === most) break;
  const intervals = formats[format](client, record ?? {});
  if (intervals.length > 0) nodes.push(intervals);
}
if (nodes.length === 0) refuse(`expected a client that is ever up, got none: ${file}`);
const begin = format === 'flash' ? nodes.reduce((least, [[from]]) => Math.min(least, from), Infinity) : 0;
const seconds = (time) => String(Math.round(1000 * (time - begin)) / 1000);
console.log('node,from_s,to_s');
for (const [node, intervals] of nodes.entries())
  for (const [from, to] of intervals) console.log([node, seconds(from), seconds(to)].join(','));
