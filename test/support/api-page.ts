/** docs/api.md: a table of the names of each entry point. */
import { byCodeUnit } from '../../src/errors.js';
import { entryPoints, firstSentence, type PublicName } from './api.js';

/** The page as it is to be. */
export function apiPage(): string {
  const sections = entryPoints().map(({ specifier, docstring, names }) => {
    const [summary] = withoutName(docstring, specifier).split('\n\n');
    const rows = [...names].sort((a, b) => byCodeUnit(a.name.toLowerCase(), b.name.toLowerCase())).map(row);
    const table = ['| name | kind | what it is | file |', '|---|---|---|---|', ...rows].join('\n');
    return `## \`${specifier}\`\n\n${summary}\n\n${table}\n`;
  });
  const head = [
    '# The public interface',
    '',
    'What can be imported, from where. `npm run docs:api` writes this page from the docstrings; the whole docstrings, with',
    'shapes, units and errors, stand in the files and in the `.d.ts` of the package.',
    '',
  ].join('\n');
  return `${head}\n${sections.join('\n')}`;
}

/** "`mycel/plugin`: what …" → "What …". */
function withoutName(docstring: string, specifier: string): string {
  const text = docstring.replace(`\`${specifier}\`: `, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function row({ name, kind, docstring, file }: PublicName): string {
  const isPackage = kind === 'package';
  const what = isPackage ? `The one of the package \`${file}\`.` : firstSentence(docstring);
  const place = isPackage ? '' : `[${file.replace('src/', '')}](../${file})`;
  return `| \`${name}\` | ${isPackage ? 'namespace' : kind} | ${what.replaceAll('|', '\\|')} | ${place} |`;
}
