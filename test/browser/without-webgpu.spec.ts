import { expect, type Page, test } from '@playwright/test';
import { constants, numbers } from '../support/constant-network';
import { prepare } from './open-page';

test.describe.configure({ mode: 'serial' });

/** One page for all tests of the file, without WebGPU: the networks answer on the CPU. */
let page: Page;
let problems: string[];

test.beforeAll(async ({ browser }, { project }) => {
  test.setTimeout(400_000);
  const context = await browser.newContext({ baseURL: project.use.baseURL });
  page = await context.newPage();
  problems = await prepare(page);
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
  await page.goto('./#picture=butterfly');
  await expect(page.locator('#legend li').first()).toContainText('butterfly', { timeout: 300_000 });
  await expect(page.locator('#answers')).not.toHaveAttribute('aria-busy', 'true');
});

test.afterAll(() => page.context().close());

test.afterEach(() => expect(problems.splice(0)).toEqual([]));

test('layers, feature maps, the graph and the check work on the CPU', async () => {
  await page.locator('#lid').scrollIntoViewIfNeeded();
  await page.locator('#layers button').first().click();
  await expect(page.locator('#maps canvas').first()).toBeVisible();
  await page.locator('#graph > summary').click();
  await expect(page.locator('#graph .node')).toHaveCount(await page.locator('#layers tbody tr').count());
  await page.locator('#graph > summary').click();
  await page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(page.locator('#check-result')).toContainText('passed');
});

test('what only a GPU has says so: timing, the timeline, the workbench', async () => {
  await expect(page.getByRole('button', { name: 'Time every layer' })).toBeDisabled();
  await page.locator('#timeline > summary').click();
  await expect(page.locator('#timeline')).toContainText('Without WebGPU there are no launches.');
  await expect(page.getByRole('button', { name: 'Record a frame' })).toBeDisabled();
  await page.locator('#timeline > summary').click();
  await page.locator('#workbench > summary').click();
  await expect(page.locator('#workbench')).toContainText('Shaders are run and changed here where there is WebGPU.');
  await page.locator('#workbench > summary').click();
});

test('the reasons of an answer are found on the CPU, too', async () => {
  await page.locator('#why').scrollIntoViewIfNeeded();
  await expect(page.locator('#why-target option').first()).toContainText('What: butterfly');
  await page.locator('#why-grid').selectOption('5');
  await page.locator('#why-run').click();
  await expect(page.locator('#why-text')).toContainText('26 of 26 runs');
});

test('another network answers on the CPU', async () => {
  const depth = constants(
    {
      predicted_depth: numbers(
        'slope',
        [1, 8, 8],
        Array.from({ length: 64 }, (_, i) => i),
      ),
    },
    {},
    8,
  );
  await page.locator('#detect .exchange > summary').click();
  await page
    .getByLabel('An ONNX file for this answer')
    .nth(1)
    .setInputFiles({ name: 'slope.onnx', mimeType: '', buffer: Buffer.from(depth) });
  await expect(page.locator('#detect .network-name')).toHaveText('slope.onnx');
  await page.locator('#detect').getByLabel('Read as').selectOption('depth');
  await expect(page.locator('#detect .exchanged')).toContainText('From 0.00 to 63.0');
});
