// @ts-check
// Writes the documentation of the public surface by TypeDoc: node tools/api-documents.mjs site-dist/api
// TypeDoc asks for TypeScript's own interface, which TypeScript 7 no longer has: it gets version 6, which stands beside it.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';

const hooks = `export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript-6' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { Application } = await import('typedoc');
const app = await Application.bootstrapWithPlugins({ options: 'typedoc.json' });
const project = await app.convert();
if (!project) throw new Error('TypeDoc found nothing to document');
const folder = process.argv[2];
await app.generateDocs(project, folder);

// TypeDoc's pages choose their theme by a script within the page: the policy names each such script by its hash.
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.html'),
)) {
  const path = join(folder, file);
  const html = readFileSync(path, 'utf8');
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${[...new Set(hashes)].join(' ')}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`;
  writeFileSync(path, html.replace('<head>', `<head>${meta}`));
}

// TypeDoc's script writes its filters into a style element, which that policy forbids. A sheet of its own it may have.
const script = join(folder, 'assets/main.js');
const STYLE = 'document.head.appendChild(document.createElement("style"))';
const SHEET = `(sheet => {
  let text = '';
  document.adoptedStyleSheets = [sheet];
  return { dataset: {}, get innerHTML() { return text; }, set innerHTML(css) { sheet.replaceSync(text = css); } };
})(new CSSStyleSheet())`;
const before = readFileSync(script, 'utf8');
if (before.split(STYLE).length !== 2) throw new Error(`TypeDoc's script has no longer one ${STYLE}`);
writeFileSync(script, before.replace(STYLE, SHEET));
