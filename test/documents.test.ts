import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { brokenLinks } from '../tools/check-links.mjs';
import { documentPages } from '../tools/documents.mjs';
import { addressed, siteAddresses } from '../tools/site-address.mjs';

/** A site of these files, in a folder that goes away. */
function withSite<T>(files: ReadonlyMap<string, string | Uint8Array>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-site-'));
  try {
    for (const [place, source] of files) {
      mkdirSync(dirname(join(folder, place)), { recursive: true });
      writeFileSync(join(folder, place), source);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('every link of the documents leads somewhere, and they load nothing from elsewhere', () => {
  const pages = documentPages({ api: false });
  expect(pages.size).toBeGreaterThan(100);
  const beside = [
    ['index.html', ''],
    ['icon.svg', ''],
    ['read/style.css', ''],
  ] as const;
  const files = new Map([...[...pages].map(([place, source]) => [`read/${place}`, source] as const), ...beside]);
  expect(withSite(files, brokenLinks)).toEqual([]);
});

test('a broken link, a missing part, a way from the root and a foreign script are named', () => {
  const html =
    '<a href="gone.html">a</a><a href="b.html#none">b</a><a href="/b.html">c</a><a href="b.html#there">d</a>' +
    '<a href="https://example.com">e</a><script src="https://example.com/x.js"></script>';
  const files = new Map([
    ['a.html', html],
    ['b.html', '<p id="there">'],
  ]);
  expect(withSite(files, brokenLinks)).toEqual([
    'a.html loads https://example.com/x.js',
    'a.html links to gone.html, which is not there',
    'a.html links to b.html#none, which has no such part',
    'a.html links to /b.html, which is no way from a sub-path',
  ]);
});

test('addresses of the site and its repository come from the environment, and are left out without it', () => {
  const html = '<meta property="og:image" content="./page.png"><nav><!-- more documents --></nav>';
  expect(addressed(html, { api: false, ...siteAddresses({}) })).toBe(html.replace('<!-- more documents -->', ''));
  const addresses = siteAddresses({ SITE_URL: 'https://a.example/fovea/', REPOSITORY_URL: 'https://b.example/fovea' });
  const page = addressed(html, { api: true, ...addresses });
  expect(page).toContain('<meta property="og:image" content="https://a.example/fovea/page.png">');
  expect(page).toContain('<meta property="og:url" content="https://a.example/fovea/">');
  expect(page).toContain('<a href="api/index.html">API</a>');
  expect(page).toContain('<a href="https://b.example/fovea" rel="noreferrer">Repository</a>');
  expect(() => siteAddresses({ SITE_URL: 'fovea' })).toThrow('SITE_URL must be a web address');
});
