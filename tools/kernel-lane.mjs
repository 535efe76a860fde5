// @ts-check
// Runs every kernel case, compiles every shader and takes every kind of picture in a browser:
//
//   node tools/kernel-lane.mjs chromium|firefox [part of a check's name]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { launch } from './browsers.mjs';

const CHECK_TIMEOUT_MS = 600_000;
const PROGRESS_EVERY_MS = 15_000;
const PAGE = 'test/lanes/kernels.html';

const outDir = mkdtempSync(join(tmpdir(), 'fovea-lane-'));
/** Not the project's configuration, which strips the shaders: here they are to be compiled as they lie on disk. */
const shared = /** @type {const} */ ({
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  worker: { format: 'es' },
});
await build({
  ...shared,
  build: { outDir, emptyOutDir: true, target: 'es2022', rolldownOptions: { input: PAGE } },
});
const server = await preview({ ...shared, build: { outDir }, preview: { port: 0 } });
const { browser, implementation } = await launch(process.argv[2]);
try {
  const failed = await runChecks(`${server.resolvedUrls?.local[0]}${PAGE}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}

/** @param {string} url @returns {Promise<number>} how many checks failed */
async function runChecks(url) {
  const page = await browser.newPage();
  page.setDefaultTimeout(CHECK_TIMEOUT_MS);
  const broken = new Promise((_, reject) => page.on('pageerror', reject));
  await page.goto(url);
  await Promise.race([page.waitForFunction(() => globalThis.kernelPage !== undefined), broken]);
  const { adapter, checks, unsupported } = await page.evaluate(() => {
    const { adapter = '', checks = [], unsupported = [] } = globalThis.kernelPage ?? {};
    return { adapter, checks, unsupported };
  });
  const where = adapter === 'unknown adapter' ? implementation : `${implementation} on ${adapter}`;
  const part = process.argv[3] ?? '';
  const chosen = [...checks.entries()].filter(([, { name, kind }]) => `${kind} ${name}`.includes(part));
  if (chosen.length === 0) throw new Error(`no check has "${part}" in its name`);
  console.log(`${where}: ${chosen.length} checks`);
  for (const name of unsupported) console.log(`  without ${name}`);

  let lastWord = Date.now();
  /** @type {Record<string, { passed: number, failed: number }>} */
  const tallies = {};
  for (const [place, [index, { name, kind }]] of chosen.entries()) {
    const failure = await withTimeout(page.evaluate((i) => globalThis.kernelPage?.run(i), index).catch(String));
    tallies[kind] ??= { passed: 0, failed: 0 };
    tallies[kind][failure === undefined ? 'passed' : 'failed']++;
    if (failure !== undefined) console.error(`FAILED ${kind} ${name}\n  ${failure.replaceAll('\n', '\n  ')}`);
    if (Date.now() - lastWord > PROGRESS_EVERY_MS) {
      console.log(`  ${place + 1} of ${chosen.length}`);
      lastWord = Date.now();
    }
  }
  for (const [kind, { passed, failed }] of Object.entries(tallies)) {
    console.log(`${where}: ${passed} ${kind}s passed, ${failed} failed`);
  }
  return Object.values(tallies).reduce((sum, { failed }) => sum + failed, 0);
}

/** @param {Promise<string | undefined>} check @returns {Promise<string | undefined>} the failure, if any */
async function withTimeout(check) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS / 1000} s`);
  });
  const failure = await Promise.race([check, late]);
  clearTimeout(timer);
  return failure;
}
