import { existsSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import networks from '../../demo/own-network/networks.json' with { type: 'json' };
import { type ModelSpec, onnxFile } from '../formats/onnx-file';
import { PUBLISHED_COPIES } from '../support/published-networks';
import { holdWeights, layoutShifts, prepare, SHARED, sendFile } from './open-page';

const MODELS = `${SHARED}/onnx/models`;
const haveModels = existsSync(MODELS);
const NO_MODELS = 'networks by other people are not in ../shared, nor in the folder that FOVEA_SHARED names';

const CORS = { 'Access-Control-Allow-Origin': '*' };

test.beforeEach(async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await page.locator('#own').scrollIntoViewIfNeeded();
});

/** Serves the published networks without a network. */
async function publish(page: Page): Promise<void> {
  for (const { name, url } of networks) {
    await page.route(url, (route) => route.fulfill({ path: `${MODELS}/${PUBLISHED_COPIES[name]}`, headers: CORS }));
  }
}

const isIdle = (page: Page): Promise<void> => expect(page.locator('#own')).not.toHaveAttribute('aria-busy', 'true');

async function show(page: Page, picture: string): Promise<void> {
  await sendFile(page, 'drop', 'picture.jpg', 'image/jpeg', readFileSync(`${MODELS}/${picture}`));
  await expect(page.locator('#credit')).toHaveText('picture.jpg');
}

const run = (page: Page, name: string): Promise<void> => page.getByRole('button', { name: `Run ${name}` }).click();
const dropModel = (page: Page, file: string): Promise<void> =>
  sendFile(page, 'drop', file.split('/').at(-1)!, '', readFileSync(`${MODELS}/${file}`));

/** What was found: a name and a share in per cent each. */
const things = (page: Page): Promise<[string, number][]> =>
  page.locator('#own-things li').evaluateAll((items) =>
    items.map(({ textContent }) => {
      const [, name, share] = /^(.*?) ?(\d+) %$/.exec(textContent ?? '') ?? [];
      return [name, Number(share)] as [string, number];
    }),
  );

/** The share of the answer's canvas on which something was drawn over the picture. */
const paintedShare = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const shown = document.getElementById('own-canvas') as HTMLCanvasElement;
    const picture = new OffscreenCanvas(shown.width, shown.height).getContext('2d')!;
    picture.drawImage(document.getElementById('preview') as HTMLCanvasElement, 0, 0, shown.width, shown.height);
    const [a, b] = [shown.getContext('2d')!, picture].map(
      (context) => context.getImageData(0, 0, shown.width, shown.height).data,
    );
    let different = 0;
    for (let i = 0; i < a.length; i += 4) {
      if ([0, 1, 2].some((c) => Math.abs(a[i + c] - b[i + c]) > 8)) different++;
    }
    return different / (a.length / 4);
  });

test('published networks have their licence and source, and run with one click', async ({ page }) => {
  for (const { name, licence, source } of networks) {
    const entry = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: `Run ${name}` }) });
    await expect(entry).toContainText(licence);
    await expect(entry.getByRole('link')).toHaveAttribute('href', source);
  }
  test.skip(!haveModels, NO_MODELS);
  await publish(page);
  await show(page, 'ultraface/sample-2.jpg');
  await run(page, 'UltraFace');
  await expect(page.locator('#own-things li')).toHaveText([/^face/, /^face/, /^face/, /^face/]);
  expect(await paintedShare(page)).toBeGreaterThan(0.01);
  await expect(page.locator('#own-facts')).toContainText('scores float32 [1, 4420, 2]');

  await show(page, 'yolox-nano/coco-785.jpg');
  await run(page, 'YOLOX-nano');
  await expect(page.locator('#own-name')).toHaveText('YOLOX-nano');
  await expect
    .poll(() => things(page))
    .toEqual([
      ['person', 89],
      ['skis', 74],
    ]);
  // The threshold is applied to what was found already.
  await page.locator('#own-threshold').fill('0.8');
  await expect.poll(() => things(page)).toEqual([['person', 89]]);

  const { violations } = await new AxeBuilder({ page }).include('#own').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

test('a classifier that is dropped gives the likeliest classes, by the names of a file', async ({ page }) => {
  test.skip(!haveModels, NO_MODELS);
  await show(page, 'squeezenet1.1/pelican.jpeg');
  await dropModel(page, 'squeezenet1.1/squeezenet1.1.onnx');
  await expect(page.locator('#own-labels li')).toHaveCount(5);
  await page.getByLabel('Values').selectOption('imagenet');
  const best = page.locator('#own-labels .name').first();
  await expect(best).toHaveText('class 144');
  await page.getByLabel('names of classes').setInputFiles(`${MODELS}/squeezenet1.1/imagenet_classes.txt`);
  await expect(best).toHaveText(/pelican/);
});

test('a mask is laid over the picture', async ({ page }) => {
  test.skip(!haveModels, NO_MODELS);
  await show(page, 'selfie-segmentation/sample-Test.jpg');
  await dropModel(page, 'selfie-segmentation/selfie-seg-landscape.onnx');
  await page.getByLabel('Values').selectOption('unit');
  await isIdle(page);
  const [[name, share]] = await things(page);
  expect(name).toBe('mask');
  expect(share).toBeGreaterThan(25);
  expect(share).toBeLessThan(35);
  expect(await paintedShare(page)).toBeGreaterThan(0.25);
});

test('a published network that is not the expected file is not run', async ({ page }) => {
  const [{ name, url }] = networks;
  await page.route(url, (route) => route.fulfill({ body: 'another', headers: CORS }));
  await run(page, name);
  await expect(page.locator('#own-error')).toContainText('SHA-256');
  await page.route(url, (route) => route.abort());
  await run(page, name);
  await expect(page.locator('#own-error')).toContainText(url);
  await expect(page.locator('#own-network')).toBeHidden();
});

const average: ModelSpec = {
  opset: 13,
  inputs: [{ name: 'picture', dims: ['n', 3, 'h', 'w'] }],
  outputs: ['y'],
  nodes: [
    { op: 'ReduceMean', inputs: ['picture'], outputs: ['m'], attributes: { axes: [1], keepdims: 1 } },
    { op: 'AveragePool', inputs: ['m'], outputs: ['y'], attributes: { kernel_shape: [16, 16], strides: [16, 16] } },
  ],
};

test('where a file leaves the size open it can be chosen, and unknown outputs are feature maps', async ({ page }) => {
  await sendFile(page, 'drop', 'average.onnx', '', Buffer.from(onnxFile(average)));
  await expect(page.locator('#own-facts')).toContainText('y float32 [1, 1, 14, 14]');
  await expect(page.locator('#own-maps canvas')).toHaveCount(1);
  await page.locator('#own-height').fill('32');
  await page.locator('#own-height').press('Enter');
  await expect(page.locator('#own-facts')).toContainText('y float32 [1, 1, 2, 14]');
  const mean = page.getByRole('textbox', { name: 'Mean' });
  await mean.fill('1, 2');
  await mean.press('Enter');
  await expect(page.locator('#own-error')).toContainText('Mean must be one number or three');
  await mean.fill('127.5');
  await mean.press('Enter');
  await expect(page.locator('#own-error')).toBeHidden();
  await expect(page.getByLabel('Layout')).toBeDisabled();
});

test('what cannot run says every reason at once, and what to do', async ({ page }) => {
  const nodes = [
    { op: 'TfIdfVectorizer', inputs: ['picture'], outputs: ['a'] },
    { op: 'StringNormalizer', inputs: ['picture'], outputs: ['b'] },
  ];
  await sendFile(page, 'drop', 'odd.onnx', '', Buffer.from(onnxFile({ ...average, outputs: ['a', 'b'], nodes })));
  await expect(page.locator('#own-error')).toContainText('TfIdfVectorizer');
  await expect(page.locator('#own-error')).toContainText('StringNormalizer');
  const inputs = [...average.inputs!, { name: 'mask', dims: [1, 3, 8, 8] }];
  await sendFile(page, 'drop', 'two.onnx', '', Buffer.from(onnxFile({ ...average, inputs })));
  await expect(page.locator('#own-error')).toContainText('has 2 inputs ("picture", "mask")');
});

test('a file that is no network is named, and nothing of the network before it stays', async ({ page }) => {
  await sendFile(page, 'drop', 'average.onnx', '', Buffer.from(onnxFile(average)));
  await expect(page.locator('#own-maps canvas')).toHaveCount(1);
  await sendFile(page, 'drop', 'broken.onnx', '', Buffer.from('no network'));
  await expect(page.locator('#own-error')).toContainText('broken.onnx: ');
  await expect(page.locator('#own-network')).toBeHidden();
  expect(await page.locator('#own-reading option').count()).toBe(0);
  await expect(page.locator('#own-facts dt')).toHaveCount(0);
});

test('an answer goes when the form asks for what cannot be run, and comes back with what can', async ({ page }) => {
  await sendFile(page, 'drop', 'average.onnx', '', Buffer.from(onnxFile(average)));
  await expect(page.locator('#own-answer')).toBeVisible();
  await page.locator('#own-height').fill('8');
  await page.locator('#own-height').press('Enter');
  await expect(page.locator('#own-error')).toBeVisible();
  await isIdle(page);
  await expect(page.locator('#own-answer')).toBeHidden();
  await page.locator('#own-height').fill('32');
  await page.locator('#own-height').press('Enter');
  await expect(page.locator('#own-answer')).toBeVisible();
  await expect(page.locator('#own-facts')).toContainText('y float32 [1, 1, 2, 14]');
});

test('nothing moves while a published network is fetched and run', async ({ page }) => {
  test.skip(!haveModels, NO_MODELS);
  await publish(page);
  await show(page, 'ultraface/sample-2.jpg');
  await page.getByRole('button', { name: 'Run UltraFace' }).scrollIntoViewIfNeeded();
  const before = await layoutShifts(page);
  await run(page, 'UltraFace');
  await expect(page.locator('#own-things li')).toHaveCount(4);
  await isIdle(page);
  expect((await layoutShifts(page)) - before).toBeLessThan(0.02);
});
