// @ts-check
// Screenshots of the page's answers for the cards of the networks:  node tools/answer-sheet.mjs OUT.webp [PICTURE ..]
//
// Each picture is given to the built page in Chromium, and what the page shows is one cell of the sheet; without
// pictures these are the page's drawn samples.

/** @import { ElementHandle } from 'puppeteer-core' */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { build, preview } from 'vite';
import { launch } from './browsers.mjs';

const COLUMNS = 2;
const CELL = { width: 640, height: 460 };
const WINDOW = { width: 1280, height: 1000, deviceScaleFactor: 1 };

const [out, ...pictures] = process.argv.slice(2);
if (!out) throw new Error('expected a file to write: node tools/answer-sheet.mjs OUT.webp [PICTURE ..]');

const outDir = mkdtempSync(join(tmpdir(), 'fovea-sheet-'));
await build({ mode: 'demo', logLevel: 'error', build: { outDir } });
const server = await preview({ mode: 'demo', logLevel: 'error', build: { outDir }, preview: { port: 0, headers: {} } });
const { browser } = await launch('chromium');
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.setViewport(WINDOW);
  await page.goto(`${server.resolvedUrls?.local[0]}#picture=butterfly`);
  await answered();
  const samples = await page.$$eval('#gallery canvas', (drawn) =>
    drawn.map((canvas) => canvas.parentElement?.dataset.name),
  );
  const shots = [];
  for (const picture of pictures.length > 0 ? pictures : samples) {
    await page.$eval('#last-result', (element) => {
      element.textContent = 'null';
    });
    if (pictures.length > 0) {
      const input = /** @type {ElementHandle<HTMLInputElement>} */ (await page.$('#file'));
      await input.uploadFile(/** @type {string} */ (picture));
    } else {
      await page.$eval(`#gallery [data-name="${picture}"]`, (button) => /** @type {HTMLElement} */ (button).click());
    }
    await answered();
    shots.push(await /** @type {ElementHandle} */ (await page.$('#answers')).screenshot());
  }
  await writeSheet(shots);

  function answered() {
    return page.waitForFunction(
      () =>
        !document.getElementById('answers')?.hasAttribute('aria-busy') &&
        document.getElementById('last-result')?.textContent !== 'null',
    );
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}

/** @param {Uint8Array[]} shots */
async function writeSheet(shots) {
  const rows = Math.ceil(shots.length / COLUMNS);
  const cells = await Promise.all(
    shots.map(async (shot, k) => ({
      input: await sharp(shot)
        .resize({ ...CELL, fit: 'contain', background: '#fff' })
        .png()
        .toBuffer(),
      left: (k % COLUMNS) * CELL.width,
      top: Math.floor(k / COLUMNS) * CELL.height,
    })),
  );
  const size = { width: COLUMNS * CELL.width, height: rows * CELL.height };
  await sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(cells)
    .webp({ quality: 60 })
    .toFile(out);
}
