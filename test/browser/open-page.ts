import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import photographs from '../../demo/photographs.json' with { type: 'json' };

/** A folder of material that is not part of this repository: beside it, or where `FOVEA_SHARED` says. */
export const SHARED = process.env.FOVEA_SHARED ?? new URL('../../../shared', import.meta.url).pathname;
const SAMPLES = `${SHARED}/data/samples`;

/** Whether the sample photographs are at hand. */
export const havePhotographs = existsSync(`${SAMPLES}/samples.json`);

/** The sample photographs: what is on them, where the page fetches them, and where they lie here. */
export const samples: readonly Sample[] = havePhotographs
  ? (JSON.parse(readFileSync(`${SAMPLES}/samples.json`, 'utf8')) as Sample[])
  : [];

export interface Sample {
  readonly file: string;
  readonly label: string;
  readonly url: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

/** A picture of one pixel, for photographs that are not at hand. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Serves the photographs without a network, and collects everything that the page complains about. */
export async function prepare(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`the content security policy's ${violatedDirective} blocked ${blockedURI}`);
    });
    const shifts = { sum: 0 };
    Object.assign(window, { layoutShifts: shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.sum += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.route('https://raw.githubusercontent.com/**', (route) => {
    const sample = samples.find(({ url }) => url === route.request().url());
    const known = photographs.some(({ url }) => url === route.request().url());
    const headers = { 'Access-Control-Allow-Origin': '*' };
    if (sample) return route.fulfill({ path: `${SAMPLES}/${sample.file}`, headers });
    return known
      ? route.fulfill({ body: PIXEL, contentType: 'image/png', headers })
      : route.fulfill({ status: 404, headers });
  });
  return problems;
}

/** How far things moved that nobody had touched: the score that browsers call cumulative layout shift. */
export const layoutShifts = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { layoutShifts: { sum: number } }).layoutShifts.sum);

/** Lets the weights never arrive, for tests that need no network: computing one takes seconds on a software adapter. */
export const holdWeights = (page: Page): Promise<unknown> => page.route('**/*.safetensors', () => {});

/** A PNG made by the browser: one colour, of a size that tells it from other pictures. */
export async function makePicture(page: Page, width: number, height: number): Promise<Buffer> {
  const dataUrl = await page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [w, h];
      const context = canvas.getContext('2d')!;
      context.fillStyle = 'orange';
      context.fillRect(0, 0, w, h);
      return canvas.toDataURL('image/png');
    },
    [width, height],
  );
  return Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64');
}

/** Width and height of the picture that the page shows. */
export const shownSize = (page: Page): Promise<[number, number]> =>
  page.locator('#preview').evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);

/** Sends an event that carries a file, as dropping and pasting do. */
export async function sendFile(
  page: Page,
  kind: 'drop' | 'paste',
  name: string,
  type: string,
  bytes: Buffer,
): Promise<void> {
  await page.evaluate(
    ([kind, name, type, base64]) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], name, { type }));
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
      document.querySelector('footer')!.dispatchEvent(event);
    },
    [kind, name, type, bytes.toString('base64')] as const,
  );
}
