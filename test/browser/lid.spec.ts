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
  await expect(page.locator('#shader .live').first()).toBeVisible();
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result')).toContainText('passed');
});

test('a layer that fusion made can be looked into and checked as others can', async ({ answered: { page } }) => {
  await page.locator('#network').selectOption('detect');
  // The heads that find classes and those that find offsets are one convolution.
  await page.locator('#layers').getByRole('button', { name: 'head_coarse.cls_3', exact: true }).click();
  await expect(page.locator('#maps .credit')).toContainText('1 × 168 × 3 × 3');
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
