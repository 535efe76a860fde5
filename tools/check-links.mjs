// @ts-check
// Checks a built site: every link within it leads to a file that is there, every anchor to an element of that file, and
// nothing is loaded from elsewhere: node tools/check-links.mjs demo-dist

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a page loads by itself, against what a person may follow. */
const LOADED = /<(?:script|img|iframe|source|video|audio)\b[^>]*?\ssrc="([^"]+)"|<link\b[^>]*?\shref="([^"]+)"/g;
const FOLLOWED = /<a\b[^>]*?\shref="([^"]*)"/g;
const OUTSIDE = /^([a-z][a-z+.-]*:|\/\/)/i;

/** @param {string} text */
const unescaped = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(/&amp;/g, '&');

/**
 * @param {string} folder of the site
 * @returns {string[]} what is wrong, one sentence each
 */
export function brokenLinks(folder) {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  /** @type {Map<string, Set<string>>} */
  const anchors = new Map();
  /** @param {string} path */
  const anchorsOf = (path) => {
    let found = anchors.get(path);
    if (!found) {
      found = new Set(
        [...readFileSync(path, 'utf8').matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => unescaped(id)),
      );
      anchors.set(path, found);
    }
    return found;
  };
  return pages.flatMap((page) => {
    const html = readFileSync(join(folder, page), 'utf8');
    const loaded = [...html.matchAll(LOADED)].map(([, src, href]) => unescaped(src ?? href));
    const followed = [...html.matchAll(FOLLOWED)]
      .map(([, href]) => unescaped(href))
      .filter((link) => !OUTSIDE.test(link));
    return [
      ...loaded
        .filter((link) => OUTSIDE.test(link) && !link.startsWith('data:'))
        .map((link) => `${page} loads ${link}`),
      ...[...new Set([...loaded.filter((link) => !OUTSIDE.test(link)), ...followed])].flatMap((link) => {
        const [file, anchor] = link.split('#');
        if (file.startsWith('/')) return [`${page} links to ${link}, which is no way from a sub-path`];
        const path = resolve(folder, dirname(page), decodeURI(file.split('?')[0]) || `./${page.split('/').at(-1)}`);
        if (relative(folder, path).startsWith('..') || !existsSync(path))
          return [`${page} links to ${link}, which is not there`];
        // The page of the demo keeps its settings behind the #.
        const isAnchor = anchor && path.endsWith('.html') && !anchor.includes('=');
        return isAnchor && !anchorsOf(path).has(decodeURIComponent(anchor))
          ? [`${page} links to ${link}, which has no such part`]
          : [];
      }),
    ];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  const broken = brokenLinks(resolve(folder));
  for (const sentence of broken) console.error(sentence);
  console.log(
    broken.length === 0 ? `Every link within ${folder} leads somewhere.` : `${broken.length} links are broken.`,
  );
  process.exitCode = broken.length === 0 ? 0 : 1;
}
