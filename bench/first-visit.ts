import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'puppeteer-core';
import { preview } from 'vite';
import { parseNumber } from '../src/cli/format';
import { ArgumentError } from '../src/errors';
import { launch } from '../tools/browsers.mjs';

const HELP = `npm run bench:visit -- [options] [folder …]: how soon somebody who comes for the first time sees the page and its
answers, in Chromium without a cache. First \`npm run build:demo\`. Several folders of built pages are visited in turns.
  --rounds n  visits of each folder (5)`;

interface Visit {
  readonly paintMs: number;
  readonly answersMs: number;
  /** Loaded by the time of the answers, weights and pictures included. */
  readonly megabytes: number;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(`${url}#picture=butterfly`);
  const isAnswered = (): boolean => document.getElementById('last-result')!.textContent !== 'null';
  await page.waitForFunction(isAnswered, { timeout: 300_000 });
  const seen = await page.evaluate(() => ({
    answersMs: performance.now(),
    paintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    megabytes:
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).reduce(
        (sum, { encodedBodySize }) => sum + encodedBodySize,
        0,
      ) / 1e6,
  }));
  await context.close();
  return seen;
}

async function main(folders: readonly string[], rounds: number): Promise<void> {
  const missing = folders.find((folder) => !existsSync(resolve(folder, 'index.html')));
  if (missing !== undefined) throw new ArgumentError(`no built page in "${missing}": there is no index.html`);
  const servers = await Promise.all(
    folders.map((folder) =>
      preview({
        configFile: false,
        logLevel: 'warn',
        root: dirname(resolve(folder)),
        build: { outDir: resolve(folder) },
        preview: { port: 0 },
      }),
    ),
  );
  const { browser, implementation } = await launch('chromium');
  try {
    console.log(`${implementation}, ${rounds} first visits in turns; medians, and the least in brackets`);
    const visits: Visit[][] = folders.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [k, server] of servers.entries()) {
        visits[k].push(await visit(browser, server.resolvedUrls!.local[0]));
      }
    }
    for (const [k, folder] of folders.entries()) {
      const of = (what: (one: Visit) => number): string => {
        const numbers = visits[k].map(what);
        return `${median(numbers).toFixed(0)} (${Math.min(...numbers).toFixed(0)}) ms`;
      };
      const { megabytes } = visits[k][0];
      console.log(
        `${folder}: first paint ${of(({ paintMs }) => paintMs)}, answers ${of(({ answersMs }) => answersMs)}, ${megabytes.toFixed(1)} MB`,
      );
    }
  } finally {
    await browser.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, help: { type: 'boolean' } },
  allowPositionals: true,
});
if (values.help) console.log(HELP);
else {
  const rounds = parseNumber('rounds', values.rounds, { integer: true, least: 1 });
  await main(positionals.length > 0 ? positionals : ['demo-dist'], rounds);
}
