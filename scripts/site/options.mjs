// A page for each kind of thing that a scenario can name, from the lists that validate scenarios.
import { places } from '../../dist/src/cli/list.js';
import { entryKinds, listEntries } from '../../dist/src/index.js';

/** The pages by their paths in the site. */
export function optionPages() {
  return Object.fromEntries(entryKinds.map((kind) => [`options/${kind}.md`, pageOf(kind)]));
}

function pageOf(kind) {
  const entries = listEntries(kind);
  return [
    `# ${titleOf(kind)}`,
    `A scenario names them at \`${places[kind].replace(/,.*/, '')}\`${places[kind].replace(/^[^,]*/, '')}. \`mycel list ${kind}\` shows the same.`,
    ['| `use` | what it is |', '|---|---|', ...entries.map(overview)].join('\n'),
    ...entries.map(section),
    '',
  ].join('\n\n');
}

/** `Mask codecs`. */
export function titleOf(kind) {
  return `${kind[0].toUpperCase()}${kind.slice(1).replaceAll('-', ' ')}`;
}

function overview({ id, description }) {
  return `| [\`${id}\`](#${id}) | ${cell(description)} |`;
}

function section({ id, description, reference, options }) {
  const rows = options.map(
    (option) =>
      `| \`${option.name}\` | ${cell(option.type)} | ${defaultOf(option)} | ${cell(option.description)} |`,
  );
  return [
    `## ${id}`,
    `${prose(description)}${reference === undefined ? '' : `\n\nReference: ${prose(reference)}`}`,
    rows.length === 0
      ? 'No options.'
      : ['| option | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}

function defaultOf(option) {
  if (option.default !== undefined) return `\`${option.default.replaceAll('|', '\\|')}\``;
  return option.required ? '**required**' : '–';
}

function cell(text) {
  return prose(text).replaceAll('|', '\\|');
}

/** Text that is not to be read as HTML. */
function prose(text) {
  return text.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;');
}
