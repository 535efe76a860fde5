// @ts-check
// Walks the demo's main path in Firefox, which Playwright cannot start with WebGPU:  node tools/page-lane.mjs firefox
//
// The built demo, from a folder, under its own content security policy.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { launch } from './browsers.mjs';

const TIMEOUT_MS = 600_000;
/** An ONNX file of one operator, the mean of a picture's colours: `[1, 3, 16, 16]` to `[1, 1, 16, 16]`. */
const MEAN_OF_COLOURS =
  'CAhCBAoAEA06ZAo0CgF4EgF5GgAiClJlZHVjZU1lYW4qCwoEYXhlc0ABoAEHKg8KCGtlZXBkaW1zGAGgAQI6ABIEdGVzdFobCgF4EhYKFAgBEhAKAggBCgIIAwoCCBAKAggQYgkKAXkSBAoCCAE=';

/**
 * @typedef {object} LastResult what the page leaves for tests and scripts
 * @property {string} adapter
 * @property {{ label: string, score: number }[]} classify
 * @property {{ label: string, score: number, box: Record<'xmin' | 'ymin' | 'xmax' | 'ymax', number> }[]} detect
 * @property {{ classes: Record<string, number> }} segment
 * @property {Record<string, number>} timesMs
 */

const outDir = mkdtempSync(join(tmpdir(), 'fovea-page-'));
await build({ mode: 'demo', logLevel: 'error', build: { outDir } });
const server = await preview({
  mode: 'demo',
  logLevel: 'error',
  base: '/some/folder/',
  build: { outDir },
  preview: { port: 0, headers: {} },
});
const { browser, implementation } = await launch(process.argv[2]);
const page = await browser.newPage();
page.setDefaultTimeout(TIMEOUT_MS);
/** @type {string[]} */
const problems = [];
let [passed, failed] = [0, 0];
try {
  await prepare();
  await page.goto(`${server.resolvedUrls?.local[0]}#picture=butterfly`);

  await check('a drawn sample is answered three ways', async () => {
    const { classify, detect, segment, timesMs } = await result();
    expect(classify.length === 5 && classify[0].label === 'butterfly', `it is called ${classify[0].label}`);
    const [thing] = detect;
    expect(thing?.label === 'butterfly', `the best box is of ${thing?.label}`);
    const { xmin, ymin, xmax, ymax } = thing.box;
    expect(xmin > 20 && ymin > 0 && xmax < 620 && ymax < 480, `the box is ${JSON.stringify(thing.box)}`);
    const pixels = segment.classes.butterfly ?? 0;
    expect(pixels > 60_000 && pixels < 180_000, `${pixels} pixels are of a butterfly`);
    expect(
      Object.values(timesMs).every((time) => time > 0),
      `the times are ${JSON.stringify(timesMs)}`,
    );
  });

  await check('a picture that is dropped is answered', async () => {
    await page.evaluate(async () => {
      const gallery = document.querySelectorAll('#gallery canvas');
      const blob = await new Promise((resolve) => /** @type {HTMLCanvasElement} */ (gallery[2]).toBlob(resolve));
      const data = new DataTransfer();
      data.items.add(new File([/** @type {Blob} */ (blob)], 'sign.png', { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    });
    await page.waitForFunction(() => document.getElementById('credit')?.textContent === 'sign.png');
    const { classify } = await result();
    expect(classify[0].label === 'stop sign', `it is called ${classify[0].label}`);
  });

  await check('sliders act at once', async () => {
    const labels = await page.evaluate(() => {
      const slider = /** @type {HTMLInputElement} */ (document.getElementById('top-k'));
      slider.value = '3';
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      return document.querySelectorAll('#labels li').length;
    });
    expect(labels === 3, `${labels} labels are listed`);
  });

  await check('the camera is answered live, and stops', async () => {
    await page.click('#camera');
    await page.waitForFunction(() => document.getElementById('status')?.textContent?.includes('frames a second'));
    const shown = await page.$eval('#live-view', (canvas) => !(/** @type {HTMLElement} */ (canvas).hidden));
    expect(shown, 'the live mask is hidden');
    await page.click('#camera');
    await page.waitForFunction(() => document.getElementById('credit')?.textContent === 'From the camera');
    await result();
  });

  await check('another network answers in the place of the page’s own', async () => {
    await page.evaluate((base64) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], 'mean.onnx'));
      document.getElementById('detect')?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    }, MEAN_OF_COLOURS);
    await page.waitForSelector('#detect .gives:not([hidden]) select');
    await page.evaluate(() => {
      const views = /** @type {HTMLSelectElement} */ (document.querySelector('#detect .gives select'));
      views.selectedIndex = [...views.options].findIndex(({ text }) => text === 'depth');
      views.dispatchEvent(new Event('change'));
    });
    await page.waitForFunction(() =>
      document.querySelector('#detect .exchanged')?.textContent?.includes('black to white'),
    );
    const title = await page.$eval('#detect-title', (heading) => heading.textContent);
    expect(title === 'How far away?', `the title is ${title}`);
    await page.evaluate(() => {
      const own = document.querySelector('#detect [data-network="Fovea’s own"]');
      /** @type {HTMLElement} */ (own).click();
    });
    await page.waitForFunction(() => document.getElementById('detect-title')?.textContent === 'What is where?');
    await result();
  });

  await check('a layer opens with its maps, its graph and its workbench, whose run passes', async () => {
    await page.evaluate(() => {
      /** @type {HTMLDetailsElement} */ (document.getElementById('lid-body')).open = true;
      document.getElementById('lid')?.scrollIntoView();
    });
    await page.waitForSelector('#layers button');
    await page.evaluate(() => {
      /** @type {HTMLElement} */ (document.querySelector('#layers button')).click();
      for (const tool of document.querySelectorAll('details:is(#graph, #workbench)')) tool.setAttribute('open', '');
    });
    await page.waitForSelector('#maps canvas');
    await page.waitForSelector('#graph .node');
    await page.waitForSelector('#workbench button.primary');
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#workbench button.primary')).click());
    await page.waitForFunction(() => document.querySelectorAll('#workbench tbody tr').length === 2);
    const rows = await page.$$eval('#workbench tbody tr', (all) => all.map(({ textContent }) => textContent ?? ''));
    expect(
      rows.every((row) => row.includes('passed')),
      rows.join('; '),
    );
  });

  await check('a lesson opens in the place of the picture', async () => {
    await page.evaluate(() => {
      location.hash = '#lesson=6';
    });
    await page.waitForFunction(() => document.querySelector('#lesson h1')?.textContent?.startsWith('Lesson 6'));
    await page.waitForSelector('#lesson .live-piece #k-means');
  });

  await check('nothing was complained about', async () => expect(problems.length === 0, problems.join('\n')));
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}
console.log(`${implementation}: ${passed} page checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Collects complaints, and answers for the host of the sample photographs, which need a network. */
async function prepare() {
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const isPhotograph = request.url().startsWith('https://raw.githubusercontent.com/');
    const headers = { 'Access-Control-Allow-Origin': '*' };
    const body = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>';
    void (isPhotograph ? request.respond({ headers, contentType: 'image/svg+xml', body }) : request.continue());
  });
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`the content security policy's ${violatedDirective} blocked ${blockedURI}`);
    });
  });
}

/** What the page says when it has answered. @returns {Promise<LastResult>} */
async function result() {
  await page.waitForFunction(() => {
    const isBusy = document.getElementById('answers')?.hasAttribute('aria-busy');
    return !isBusy && document.getElementById('last-result')?.textContent !== 'null';
  });
  return page.$eval('#last-result', (element) => JSON.parse(element.textContent ?? 'null'));
}

/** @param {string} name @param {() => unknown} run */
async function check(name, run) {
  try {
    await run();
    passed++;
  } catch (error) {
    failed++;
    console.error(`FAILED ${name}\n  ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {boolean} holds @param {string} otherwise */
function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
