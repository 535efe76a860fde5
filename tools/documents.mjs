// @ts-check
// Shows the repository's documents as pages: lessons, cards, guides, and the files that they link to. The page itself takes
// lessons as modules: import('…/3-the-ladder.md?lesson') gives { title, html }.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { addressed, siteAddresses } from './site-address.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LESSON_QUERY = '?lesson';
/** Where the pages lie, beside the page of the demo. */
export const FOLDER = 'read';

/** What people begin with; everything that these link to follows. */
const FIRST = ['README.md', 'CONTRIBUTING.md', 'docs/lessons', 'shaders', 'bench/LOG.md', 'weights'];
const NAVIGATION = [
  ['docs/lessons', 'Lessons'],
  ['README.md', 'Guide'],
  ['shaders', 'Shaders'],
  ['weights', 'Cards'],
  ['bench/LOG.md', 'Log'],
];
/** Files that are shown as text. */
const TEXT = /\.(ts|mjs|js|wgsl|py|json|css|html|txt|toml)$|\/(LICENSE[\w-]*|run)$|^LICENSE$/;
const LONGEST_TEXT = 200_000;

const markdown = new MarkdownIt({ html: true });

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The anchor of a heading, as GitHub makes it. @param {string} text */
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/**
 * @param {string} text Markdown
 * @param {(link: string) => string} addressOf
 * @param {(piece: string) => string} livePiece HTML in the place of `<!-- live: piece -->`
 */
function render(text, addressOf, livePiece) {
  const tokens = markdown.parse(
    text.replace(/<!-- live: ([\w-]+) -->/g, (_, piece) => livePiece(piece)).replace(/<!--[\s\S]*?-->\n?/g, ''),
    {},
  );
  let title = '';
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const words = tokens[i + 1].content.replace(/[`*]/g, '');
      token.attrSet('id', slug(words));
      title ||= words;
    }
    for (const child of token.children ?? []) {
      const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
      const link = name && child.attrGet(name);
      if (name && link) child.attrSet(name, addressOf(String(link)));
    }
  }
  // Wide tables and code scroll by themselves, by keyboard too.
  const html = markdown.renderer
    .render(tokens, markdown.options, {})
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', '<div class="scroll" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
  return { title, html };
}

/** Where a file of the repository is shown, from the folder of pages on. @param {string} path */
function placeOf(path) {
  if (isFolder(path)) return posix.join(path, 'index.html');
  if (/(^|\/)README\.md$/.test(path) && path !== 'README.md') return path.replace(/README\.md$/, 'index.html');
  return TEXT.test(path) || path.endsWith('.md') ? `${path.replace(/\.md$/, '')}.html` : path;
}

/** @param {string} path */
const isFolder = (path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false;

/** @param {string} link */
const isElsewhere = (link) => /^[a-z]+:|^#/i.test(link);

/**
 * All pages, by their place.
 *
 * @param {{ api: boolean }} options
 * @returns {Map<string, string | Uint8Array>}
 * @throws Error naming a document and a link in it that leads nowhere
 */
export function documentPages({ api }) {
  const pages = new Map();
  const waiting = [...FIRST];
  const seen = new Set();
  while (waiting.length > 0) {
    const path = /** @type {string} */ (waiting.pop());
    const place = placeOf(path);
    if (seen.has(place)) continue;
    seen.add(place);
    /** @param {string} link */
    const addressOf = (link) => {
      if (isElsewhere(link)) return link;
      const [file, anchor] = link.split('#');
      const target = posix.normalize(posix.join(isFolder(path) ? path : posix.dirname(path), file)).replace(/\/$/, '');
      if (!existsSync(join(ROOT, target))) throw new Error(`${path} links to ${link}, which is not there`);
      waiting.push(target);
      const address = posix.relative(posix.dirname(place), placeOf(target));
      return anchor ? `${address}#${anchor}` : address;
    };
    pages.set(place, pageOf(path, place, addressOf, api));
  }
  return pages;
}

/**
 * @param {string} path
 * @param {string} place
 * @param {(link: string) => string} addressOf
 * @param {boolean} api
 */
function pageOf(path, place, addressOf, api) {
  const file = isFolder(path) ? folderText(path) : readFileSync(join(ROOT, path));
  const home = posix.relative(posix.dirname(place), '') || '.';
  if (typeof file === 'string' || path.endsWith('.md')) {
    const lesson = /docs\/lessons\/(\d)/.exec(path)?.[1];
    const live = () =>
      `<p class="live-link"><a href="${home}/../index.html#lesson=${lesson}">Try this on the page, live, in its place in the lesson</a></p>`;
    const { title, html } = render(String(file), addressOf, live);
    return framed(title || path, html, home, place, api);
  }
  if (!TEXT.test(path)) return file;
  const text = file.length > LONGEST_TEXT ? `${file.subarray(0, LONGEST_TEXT)}\n…` : String(file);
  return framed(
    path,
    `<h1><code>${escaped(path)}</code></h1><pre tabindex="0"><code>${escaped(text)}</code></pre>`,
    home,
    place,
    api,
  );
}

/** What a folder's page says: its README, or a list of its files. @param {string} path */
function folderText(path) {
  const readme = join(ROOT, path, 'README.md');
  if (existsSync(readme)) return readFileSync(readme, 'utf8');
  const files = readdirSync(join(ROOT, path)).filter((name) => name.endsWith('.md') || TEXT.test(`/${name}`));
  return [`# ${path}`, '', ...files.map((name) => `- [${name}](${name})`)].join('\n');
}

/**
 * @param {string} title
 * @param {string} html
 * @param {string} home the way to the folder of pages
 * @param {string} place
 * @param {boolean} api
 */
function framed(title, html, home, place, api) {
  const links = NAVIGATION.map(([path, name]) => {
    const address = placeOf(path);
    return `<a href="${home}/${address}"${address === place ? ' aria-current="page"' : ''}>${name}</a>`;
  });
  if (api) links.push(`<a href="${home}/../api/index.html">API</a>`);
  const { repository } = siteAddresses();
  if (repository) links.push(`<a href="${repository}" rel="noreferrer">Repository</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'">
<title>${escaped(title)} – Fovea</title>
<link rel="icon" href="${home}/../icon.svg">
<link rel="stylesheet" href="${home}/style.css">
</head>
<body class="reading">
<header class="top"><p class="site"><a href="${home}/../index.html">Fovea</a></p><nav class="sections" aria-label="Documents">${links.join('')}</nav></header>
<main><article class="text">
${html}</article></main>
</body>
</html>
`;
}

/** Files that the pages share. */
function sharedFiles() {
  const style = ['base', 'reading']
    .map((name) => readFileSync(join(ROOT, `demo/style/${name}.css`), 'utf8'))
    .join('\n');
  const fonts = new Map();
  const css = style.replace(/url\("?([^")]+\.woff2)"?\)/g, (_, address) => {
    const name = posix.basename(address);
    fonts.set(name, readFileSync(join(ROOT, 'node_modules', address.replace(/^~/, ''))));
    return `url("${name}")`;
  });
  return new Map([['style.css', css], ...fonts]);
}

/**
 * @param {{ api: boolean }} options whether the documentation of the API will lie beside the pages
 * @returns {import('vite').Plugin}
 */
export function documents({ api }) {
  return {
    name: 'documents',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith(LESSON_QUERY)) return undefined;
      const path = id.slice(0, -LESSON_QUERY.length);
      this.addWatchFile(path);
      const folder = relative(ROOT, dirname(path));
      const { title, html } = render(
        readFileSync(path, 'utf8'),
        (link) => {
          if (isElsewhere(link)) return link;
          const [file, anchor] = link.split('#');
          const lesson = /^(\d)-[\w-]+\.md$/.exec(file)?.[1];
          if (lesson) return `#lesson=${lesson}`;
          return `${FOLDER}/${placeOf(posix.normalize(posix.join(folder, file)))}${anchor ? `#${anchor}` : ''}`;
        },
        (piece) => `<div class="live-piece" data-piece="${piece}"></div>`,
      );
      return `export const title = ${JSON.stringify(title)};\nexport const html = ${JSON.stringify(html)};`;
    },
    transformIndexHtml: (html) => addressed(html, { api, ...siteAddresses() }),
    configureServer(server) {
      server.middlewares.use(`/${FOLDER}/`, (request, response, next) => {
        const place = decodeURI(new URL(request.url ?? '/', 'http://localhost').pathname).replace(/^\//, '');
        const found = documentPages({ api }).get(place) ?? sharedFiles().get(place);
        if (found === undefined) return next();
        const type = { '.css': 'text/css', '.html': 'text/html' }[extname(place)];
        if (type) response.setHeader('Content-Type', `${type}; charset=utf-8`);
        response.end(found);
      });
    },
    generateBundle() {
      for (const [place, source] of [...documentPages({ api }), ...sharedFiles()]) {
        this.emitFile({ type: 'asset', fileName: `${FOLDER}/${place}`, source });
      }
    },
  };
}
