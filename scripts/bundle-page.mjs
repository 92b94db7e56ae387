// Bundles the code of the page that `mycel report` writes, and its styles, into one file each.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/page/main.ts', 'src/page/page.css'],
  outdir: 'dist/src/page',
  entryNames: '[dir]/page',
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'esm',
  target: ['chrome111', 'firefox113', 'safari16.4'],
  legalComments: 'inline',
  logLevel: 'warning',
});
