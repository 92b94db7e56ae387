// What pages quote: `<!-- file PATH -->` has a block of code with that file below it, `<!-- output SCRIPT ARGUMENTS -->` one with
// what a script of this project prints.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const QUOTE = /<!-- (file|output) (.+?) -->\n```(\w*)\n[\s\S]*?\n```/g;

/** The page with its quotes as the files now are. */
export function withQuotes(page, root) {
  return page.replace(QUOTE, (_, kind, what, language) => {
    const text =
      kind === 'file'
        ? readFileSync(`${root}/${what}`, 'utf8')
        : execFileSync(process.execPath, what.split(' '), { cwd: root, encoding: 'utf8' });
    return `<!-- ${kind} ${what} -->\n\`\`\`${language}\n${text.trim()}\n\`\`\``;
  });
}

/** Pages that quote. */
export function quotingPages(root) {
  return readdirSync(`${root}/docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .filter((path) => readFileSync(`${root}/${path}`, 'utf8').match(QUOTE));
}
