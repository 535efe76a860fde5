import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { Tensor } from '../../src/tensor';
import { graphToOnnx } from '../support/graph-to-onnx';
import { expect, test } from './answered';
import { sendFile } from './open-page';

test('the lid opens at the first layer when it is scrolled to', async ({ answered: { page } }) => {
  await page.locator('#lid').scrollIntoViewIfNeeded();
  await expect(page.locator('#layers [aria-current]')).toHaveCount(1);
  await expect(page.locator('#maps canvas').first()).toBeVisible();
  await expect(page.locator('#shader pre').first()).toBeVisible();
});

test('a layer shows its maps, the sum behind a pixel, its shader, and agrees with the CPU', async ({
  answered: { page },
}) => {
  await page.locator('#layers button').nth(1).click();
  await expect(page.locator('#maps .sum')).toContainText('sum');
  const text = (await page.locator('#maps .sum').innerText()).split('\n');
  // The element as the GPU computed it, and the sum that the page adds up in float64.
  const value = Number(text[0].split('=')[1]);
  const sum = Number(text.at(-1)!.trim().split(/\s+/)[0]);
  expect(Math.abs(value - sum)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(sum)));
  await expect(page.locator('#shader summary').first()).toContainText('What runs: conv2d');
  await expect(page.locator('#shader .filled-in').first()).toBeVisible();
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result')).toContainText('passed');
});

test('a link restores the layer, the channel and the pixel that were looked at', async ({ answered: { page } }) => {
  await page.locator('#layers button').nth(1).click();
  await page
    .locator('#maps')
    .getByRole('button', { name: /^Channel 3,/ })
    .click();
  await page
    .locator('#maps .map')
    .first()
    .click({ position: { x: 20, y: 30 } });
  const sum = await page.locator('#maps .sum').innerText();
  expect(sum).toMatch(/^\[3, /);
  const layer = await page.locator('#layers [aria-current]').innerText();
  await expect(page).toHaveURL(/layer=[^&]+&channel=3&pixel=\d+%2C\d+/);
  const link = new URL(page.url()).hash;
  await page.locator('#layers button').nth(2).click();
  await expect(page.locator('#layers [aria-current]')).not.toHaveText(layer);
  await page.goBack();
  expect(new URL(page.url()).hash).toBe(link);
  await expect(page.locator('#layers [aria-current]')).toHaveText(layer);
  await expect(page.locator('#maps .sum')).toHaveText(sum);
});

test('a convolution is taken apart tap by tap, and its numbers add up to what the GPU computed', async ({
  answered: { page },
}) => {
  await page.locator('#layers button').first().click();
  const steps = page.locator('#maps .steps');
  await expect(steps).toBeVisible();
  await page
    .locator('#maps .map')
    .first()
    .click({ position: { x: 30, y: 40 } });
  const cells = (table: number) =>
    steps
      .locator('.matrix')
      .nth(table)
      .locator('td')
      .evaluateAll((all) => all.map((cell) => Number((cell as HTMLElement).title.replace('padding', '0'))));
  const [patch, kernel, products] = [await cells(0), await cells(1), await cells(2)];
  expect(patch).toHaveLength(9);
  for (const [i, product] of products.entries()) expect(product).toBeCloseTo(patch[i] * kernel[i], 5);
  const result = Number(await steps.locator('.equation b').last().getAttribute('title'));
  const value = Number((await page.locator('#maps .sum').innerText()).split('\n')[0].split('=')[1]);
  expect(Math.abs(value - result)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(result)));
});

test('a pixel is played across the picture, and followed to the next layer and back', async ({
  answered: { page },
}) => {
  await page.locator('#layers button').first().click();
  const sum = page.locator('#maps .sum');
  await expect(sum).toContainText('bias');
  const first = await page.locator('#layers [aria-current]').innerText();
  const before = await sum.innerText();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(sum).not.toHaveText(before);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Next layer' }).click();
  await expect(page.locator('#layers [aria-current]')).not.toHaveText(first);
  await page.getByRole('button', { name: 'Previous layer' }).click();
  await expect(page.locator('#layers [aria-current]')).toHaveText(first);
});

test('a verdict is in view with its button, and goes with the layer that it is about', async ({
  answered: { page },
}) => {
  await page.locator('#layers button').nth(1).click();
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result .pass')).toBeInViewport();
  await page.locator('#layers button').nth(2).click();
  await expect(page.locator('#check-result')).not.toContainText('passed');
});

test('feature maps have one scale with its ends, signs in colour, and dead channels marked', async ({
  answered: { page },
}) => {
  await page.locator('#layers button').nth(1).click();
  await expect(page.locator('#maps .scale')).toContainText('0 in the middle');
  await expect(page.locator('#maps').getByRole('button', { name: /^Channel 0,/ })).toHaveAccessibleName(
    /from .* to |dead/,
  );
  const painted = () =>
    page
      .locator('#maps .maps canvas')
      .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
  const shared = await painted();
  await page.getByLabel('Each channel on its own scale').check();
  await expect(page.locator('#maps .scale')).toContainText('its own largest value');
  expect(await painted()).not.toEqual(shared);
  await page.getByLabel('Each channel on its own scale').uncheck();
  // The group of channels is one tab stop.
  expect(await page.locator('#maps .maps button[tabindex="0"]').count()).toBe(1);
});

test('a layer that fusion made can be looked into and checked as others can', async ({ answered: { page } }) => {
  await page.locator('#network').selectOption('detect');
  // The heads that find classes and those that find offsets are one convolution.
  await page.locator('#layers').getByRole('button', { name: 'head_coarse.cls_3', exact: true }).click();
  await expect(page.locator('#maps .credit')).toContainText('1 × 168 × 4 × 4');
  await expect(page.locator('#maps .sum')).toContainText('bias');
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result')).toContainText('head_coarse.cls_3 against the CPU reference: passed');
  await page.locator('#network').selectOption('classify');
});

test('another network is looked into at once, and nothing of the last one stays', async ({ answered: { page } }) => {
  const [maps, checked] = [page.locator('#maps .credit'), page.locator('#check-result')];
  // A layer that only this network has.
  await page.locator('#layers').getByRole('button', { name: 'probabilities', exact: true }).click();
  await expect(maps).toContainText('probabilities');
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(checked).toContainText('probabilities against the CPU reference: passed');
  await page.locator('#network').selectOption('detect');
  await expect(page.locator('#layers [aria-current]')).toHaveCount(1);
  await expect(maps).not.toContainText('probabilities');
  await expect(checked).not.toContainText('probabilities');
  await expect(page.locator('#shader summary').first()).toContainText('What runs: conv2d');

  // The last wish counts, however long the one before takes.
  await page.locator('#network').evaluate((network: HTMLSelectElement) => {
    for (const wish of ['segment', 'classify']) {
      network.value = wish;
      network.dispatchEvent(new Event('change'));
    }
  });
  await expect(page.locator('#layers').getByRole('button', { name: 'probabilities', exact: true })).toBeVisible();
  await expect(page.locator('#layers [aria-current]')).toHaveCount(1);
  await expect(page.locator('#maps')).not.toHaveAttribute('aria-busy');
});

test('the network that the page’s address names is looked into when the address changes', async ({ answered }) => {
  const { page } = answered;
  const setNetwork = (network: string): Promise<void> =>
    page.evaluate((name) => {
      location.hash = `picture=stop+sign&network=${name}`;
    }, network);
  const probabilities = page.locator('#layers').getByRole('button', { name: 'probabilities', exact: true });
  await expect(probabilities).toBeVisible();
  await setNetwork('segment');
  await expect(page.locator('#network')).toHaveValue('segment');
  await expect(probabilities).toBeHidden();
  await setNetwork('classify');
  await expect(page.locator('#network')).toHaveValue('classify');
  await expect(probabilities).toBeVisible();
  await answered.result();
});

test('every layer has its time, and its share of what the adapter can do', async ({ answered: { page } }) => {
  const layers = await page.locator('#layers tbody tr').count();
  await page.getByRole('button', { name: 'Time every layer' }).click();
  await expect(page.locator('#times')).toContainText('Shares are of what small shaders reach here');
  await expect(page.locator('#times')).toContainText('software adapter');
  const texts = await page.locator('#times li').allInnerTexts();
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.length).toBeLessThanOrEqual(layers);
  const shares = texts.flatMap((text) => /FLOP\/s · (\d+) %/.exec(text)?.[1] ?? []).map(Number);
  // By the operators' definitions: Winograd, with a quarter of the arithmetic, may pass the bound.
  expect(Math.max(...shares)).toBeGreaterThan(2);
  for (const share of shares) expect(share).toBeLessThan(400);
});

test('an ONNX file that is dropped is listed, and runs on the picture', async ({ answered: { page } }) => {
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
