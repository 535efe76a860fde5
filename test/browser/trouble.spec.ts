import { expect, test } from '@playwright/test';
import { holdWeights, prepare } from './open-page';

test('without navigator.gpu the page says which step failed and what to do', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
  await page.goto('.');
  const notice = page.getByText(/No WebGPU \(no-api\): .* does not support WebGPU/);
  await expect(notice).toContainText('A current Chrome, Edge, Firefox or Safari has it.');
  await expect(page.getByRole('button', { name: 'Lose the device' })).toBeDisabled();
});

test('without an adapter the page says so', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() => {
    GPU.prototype.requestAdapter = async () => null;
  });
  await page.goto('.');
  await expect(page.getByText('No WebGPU (no-adapter)')).toContainText('Switch on hardware acceleration');
});

test('in an insecure context the page says so', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
    Object.defineProperty(window, 'isSecureContext', { value: false });
  });
  await page.goto('.');
  await expect(page.getByText('No WebGPU (insecure-context)')).toContainText('Open the page over https');
});

test('an adapter that lacks a limit is named with what it offers', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() =>
    Object.defineProperty(GPUSupportedLimits.prototype, 'maxStorageBuffersPerShaderStage', { value: 4 }),
  );
  await page.goto('.');
  const notice = page.getByText(/No WebGPU \(limits\)/);
  await expect(notice).toContainText(/maxStorageBuffersPerShaderStage 4, where \d+ are needed/);
  await expect(notice).toContainText('A newer graphics driver may offer more.');
});

test('an adapter that opens no device is named with its reason', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() => {
    GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('too many devices'));
  });
  await page.goto('.');
  await expect(page.getByText(/No WebGPU \(no-device\): .*too many devices/)).toContainText('Close other pages');
});

test('a device that is lost and cannot be replaced is said once, and the page is quiet', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.addInitScript(() => {
    const original = GPU.prototype.requestAdapter;
    let asked = 0;
    GPU.prototype.requestAdapter = function (options) {
      document.documentElement.dataset.asked = String(++asked);
      return asked === 1 ? original.call(this, options) : Promise.resolve(null);
    };
  });
  await page.goto('.');
  await expect(page.locator('#otsu-text')).toContainText('of 255');
  await page.getByRole('button', { name: 'Lose the device' }).click();
  await expect(page.getByText('no new one could be opened. Reload the page.')).toBeVisible();
  const asked = () => page.evaluate(() => Number(document.documentElement.dataset.asked));
  const before = await asked();
  expect(before).toBeGreaterThan(1);
  await page.waitForTimeout(500);
  expect(await asked()).toBe(before);
});

for (const isolated of [true, false]) {
  const how = isolated ? 'in workers that share memory' : 'in a worker for each network where memory is not shared';
  test(`without WebGPU the page still answers, on the CPU, ${how}`, async ({ page }) => {
    const problems = await prepare(page);
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
    if (!isolated)
      await page.route(/\/$/, async (route) =>
        route.fulfill({ response: await route.fetch(), headers: { 'content-type': 'text/html' } }),
      );
    await page.goto('.');
    await expect(page.locator('#labels li')).toHaveCount(5);
    await expect(page.locator('.time[data-task=segment]')).toContainText('ms');
    const name = page.locator('#adapter');
    await expect(name).toHaveText(
      isolated ? /^CPU, \d+ threads?$/ : /^CPU, (1 thread|\d+ threads, one for each network)$/,
    );
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    expect(problems).toEqual([]);
  });
}

test('a download may be cancelled and taken up again', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  await page.goto('.');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('The download was cancelled.')).toBeVisible();
  await expect(page.getByRole('progressbar')).toBeHidden();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page.getByText('The download was cancelled.')).toBeHidden();
});

test('damaged weights are named, and fetched anew rather than kept', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  let fetched = 0;
  await page.route('**/classifier*.safetensors', (route) => {
    fetched++;
    return route.fulfill({ body: 'not weights at all' });
  });
  await page.goto('.');
  await expect(page.locator('#notice')).toContainText('classifier.safetensors');
  expect(fetched).toBe(2);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => fetched).toBeGreaterThan(2);
});

test('a part of the page that cannot be fetched is named, and asked for again', async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
  for (const part of ['panel', 'swiftshader']) {
    await page.route(`**/assets/${part}-*.js`, (route) => route.abort(), { times: 1 });
  }
  await page.goto('.');
  await page.locator('#benchmark').scrollIntoViewIfNeeded();
  await expect(page.locator('#benchmark-about')).toContainText('The measurements could not be loaded');
  await page.locator('#own').scrollIntoViewIfNeeded();
  await expect(page.locator('#notice')).toContainText('What runs networks of your own could not be loaded');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('#own-list li')).not.toHaveCount(0);
});
