import { expect, type Page, test } from '@playwright/test';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/graph/operators';
import { Tensor } from '../../src/tensor';
import { graphToOnnx } from '../support/graph-to-onnx';
import { havePhotographs, prepare, type Sample, samples, sendFile } from './open-page';

/** What the page leaves for tests and scripts. */
interface LastResult {
  readonly adapter: string;
  readonly classify: readonly { label: string; score: number }[];
  readonly detect: readonly { label: string; score: number; box: Record<'xmin' | 'ymin' | 'xmax' | 'ymax', number> }[];
  readonly segment: { readonly classes: Readonly<Record<string, number>> };
  readonly timesMs: Readonly<Record<'classify' | 'detect' | 'segment', number>>;
}

/** How often the page has called the GPU, by method. */
type Calls = Record<'submit' | 'copyTextureToBuffer' | 'copyExternalImageToTexture' | 'importExternalTexture', number>;

/** Loading and compiling take seconds on a software adapter: all tests look at one page, in order. */
test.describe.configure({ mode: 'serial' });
/** Compiling all shaders takes a busy machine's software adapter minutes. */
const LOADING_MS = 400_000;
let page: Page;
let problems: string[];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(LOADING_MS);
  page = await browser.newPage();
  problems = await prepare(page);
  await page.addInitScript(countCalls);
  await page.goto('./#picture=stop+sign');
  await waitForResult(page);
});

test.afterAll(() => page.close());
test.afterEach(() => expect(problems).toEqual([]));

function countCalls(): void {
  const calls: Record<string, number> = {};
  Object.assign(window, { gpuCalls: calls });
  const count = (owner: object, method: string): void => {
    const original = Reflect.get(owner, method) as (...args: unknown[]) => unknown;
    calls[method] = 0;
    Reflect.set(owner, method, function (this: unknown, ...args: unknown[]) {
      calls[method]++;
      return original.apply(this, args);
    });
  };
  count(GPUQueue.prototype, 'submit');
  count(GPUQueue.prototype, 'copyExternalImageToTexture');
  count(GPUCommandEncoder.prototype, 'copyTextureToBuffer');
  count(GPUDevice.prototype, 'importExternalTexture');
}

const gpuCalls = (): Promise<Calls> =>
  page.evaluate(() => ({ ...(window as unknown as { gpuCalls: Calls }).gpuCalls }));

const readResult = (on: Page): Promise<LastResult | null> =>
  on.locator('#last-result').evaluate((element) => JSON.parse(element.textContent ?? 'null'));

async function waitForResult(on: Page): Promise<LastResult> {
  await expect.poll(() => readResult(on), { timeout: LOADING_MS - 10_000 }).not.toBeNull();
  await expect(on.locator('#answers')).not.toHaveAttribute('aria-busy', 'true');
  return (await readResult(on))!;
}

async function answerTo(name: string): Promise<LastResult> {
  await page.locator('#last-result').evaluate((element) => {
    element.textContent = 'null';
  });
  await page.locator(`#gallery button[data-name="${name}"]`).click();
  return waitForResult(page);
}

test('all three tasks answer a drawn sample, and a table compares them', async () => {
  const { adapter, classify, segment, timesMs } = (await readResult(page))!;
  expect(adapter).not.toBe('');
  expect(classify).toHaveLength(5);
  expect(classify[0].label).toBe('stop_sign');
  expect(Object.values(segment.classes).every((pixels) => pixels > 0)).toBe(true);
  for (const time of Object.values(timesMs)) expect(time).toBeGreaterThan(0);
  await expect(page.locator('#labels li').first()).toContainText('stop sign');
  await expect(page.locator('#costs tbody tr')).toHaveCount(3);
  await expect(page.locator('#otsu-text')).toContainText('of 255');
  await expect(page.locator('#k-means-text')).toContainText('4 means');
});

test('sliders act at once, without running a network again', async () => {
  const before = (await gpuCalls()).submit;
  await page.getByRole('slider', { name: 'Labels' }).fill('3');
  await expect(page.locator('#labels li')).toHaveCount(3);
  const boxes = await page.locator('#things li:not(.empty)').count();
  await page.getByRole('slider', { name: 'Threshold' }).fill('0.95');
  expect(await page.locator('#things li:not(.empty)').count()).toBeLessThanOrEqual(boxes);
  const mask = page.locator('#mask');
  const shown = () => mask.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.getByRole('slider', { name: 'Opacity' }).fill('0');
  const plain = await shown();
  await page.getByRole('slider', { name: 'Opacity' }).fill('1');
  if ((await page.locator('#legend li:not(.empty)').count()) > 0) expect(await shown()).not.toBe(plain);
  expect((await gpuCalls()).submit).toBe(before);
  await page.getByRole('slider', { name: 'Threshold' }).fill('0.4');
});

test('a layer shows its maps, the sum behind a pixel, its shader, and agrees with the CPU', async () => {
  await page.locator('#layers button').nth(1).click();
  await expect(page.locator('#maps .sum')).toContainText('sum');
  const text = (await page.locator('#maps .sum').innerText()).split('\n');
  // The element as the GPU computed it, and the sum that the page adds up in float64.
  const value = Number(text[0].split('=')[1]);
  const sum = Number(text.at(-1)!.trim().split(/\s+/)[0]);
  expect(Math.abs(value - sum)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(sum)));
  await expect(page.locator('#shader summary').first()).toContainText('What runs: conv2d');
  await expect(page.locator('#shader .live').first()).toBeVisible();
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result')).toContainText('passed');
});

test('an ONNX file that is dropped is listed, and runs on the picture', async () => {
  const net = new GraphBuilder('tiny');
  const weight = net.constant(
    'weight',
    Tensor.float32(
      [4, 3, 1, 1],
      Array.from({ length: 12 }, (_, i) => i / 12),
    ),
  );
  const bias = net.constant('bias', Tensor.float32([4]));
  const attributes = { stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const x = net.input('picture', [1, 3, 16, 16]);
  const graph = net.build(net.add('conv2d', [x, weight, bias], { ...NO_EPILOGUE, ...attributes }, 'y'));
  await sendFile(page, 'drop', 'tiny.onnx', '', Buffer.from(graphToOnnx(graph)));
  await expect(page.locator('#network')).toHaveValue('onnx');
  await expect(page.locator('#layers tbody tr')).toHaveCount(1);
  await expect(page.locator('#maps')).toContainText('1 × 4 × 8 × 8');
  await page.getByLabel('Values').selectOption('bytes');
  await expect(page.locator('#maps .credit')).toContainText(/to \d{3}/);

  await sendFile(page, 'drop', 'broken.onnx', '', Buffer.from('no network'));
  await expect(page.locator('#own-error')).toContainText('ONNX');
  await page.locator('#network').selectOption('classify');
});

test('camera frames take one submission each, and no picture is read back', async () => {
  await page.getByRole('button', { name: 'Camera' }).click();
  await expect(page.locator('#status')).toContainText('frames a second');
  const before = await gpuCalls();
  await expect.poll(async () => (await gpuCalls()).submit - before.submit).toBeGreaterThan(1);
  const after = await gpuCalls();
  // Each frame is imported by the three networks, and once more to be drawn on both canvases.
  expect(after.importExternalTexture - before.importExternalTexture).toBe(4 * (after.submit - before.submit));
  expect(after.copyTextureToBuffer).toBe(before.copyTextureToBuffer);
  expect(after.copyExternalImageToTexture).toBe(before.copyExternalImageToTexture);
  await page.getByRole('button', { name: 'Mirror' }).click();
  await expect(page.locator('#live-mask')).not.toHaveClass(/mirrored/);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.locator('#live-mask')).toBeHidden();
  await expect(page.locator('#credit')).toHaveText('From the camera');
  await waitForResult(page);
});

test('after the device is lost the page says so, and answers on a new one', async () => {
  await page.getByRole('button', { name: 'Lose the device' }).click();
  await expect(page.getByText('has been replaced')).toBeVisible();
  expect((await answerTo('stop sign')).classify[0].label).toBe('stop_sign');
});

test('the photographs are named, found and outlined', async () => {
  test.skip(!havePhotographs, 'the sample photographs are not in ../shared, nor in the folder that FOVEA_SHARED names');
  test.setTimeout(600_000);
  const right = { named: [] as string[], found: [] as string[], outlined: [] as string[] };
  for (const sample of samples) {
    const { classify, detect, segment } = await answerTo(sample.url);
    if (classify.some(({ label }) => sameThing(label, sample))) right.named.push(sample.file);
    if (detect.some(({ label, box }) => sameThing(label, sample) && coversMiddle(box, sample)))
      right.found.push(sample.file);
    const pixels = Object.entries(segment.classes).find(([label]) => sameThing(label, sample))?.[1] ?? 0;
    if (pixels > 0.02 * sample.width * sample.height) right.outlined.push(sample.file);
  }
  console.log(right);
  // Two are of people, whom the classifier does not know.
  expect(right.named.length).toBeGreaterThanOrEqual(8);
  expect(right.found.length).toBeGreaterThanOrEqual(9);
  expect(right.outlined.length).toBeGreaterThanOrEqual(9);
});

/** The classifier's names are in the plural, or more exact, here and there. */
const sameThing = (label: string, sample: Sample): boolean =>
  label.replace(/s$/, '').replace('_head', '') === sample.label;

/** The things are in the middle of their photographs. */
const coversMiddle = (
  { xmin, ymin, xmax, ymax }: LastResult['detect'][number]['box'],
  { width, height }: Sample,
): boolean => xmax > 0.4 * width && xmin < 0.6 * width && ymax > 0.4 * height && ymin < 0.6 * height;
