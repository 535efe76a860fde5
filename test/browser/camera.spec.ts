import type { Page } from '@playwright/test';
import { expect, test } from './answered';

/** Starts the camera, unless it is on. */
async function startCamera(page: Page): Promise<void> {
  const camera = page.locator('#camera');
  if ((await camera.textContent()) === 'Camera') await camera.click();
  await expect(page.locator('#status')).toContainText('frames a second');
}

test('camera frames take one submission each, no picture is read back, and a hidden page rests', async ({
  answered,
}) => {
  const { page } = answered;
  await startCamera(page);
  const before = await answered.calls();
  await expect.poll(async () => (await answered.calls()).submit - before.submit).toBeGreaterThan(2);
  const after = await answered.calls();
  const submissions = after.submit - before.submit;
  expect(after.getCurrentTexture - before.getCurrentTexture).toBe(2 * submissions);
  // Each frame is imported by the three networks, and once more to be drawn on both canvases.
  expect(after.importExternalTexture - before.importExternalTexture).toBe(4 * submissions);
  expect(after.copyTextureToBuffer).toBe(before.copyTextureToBuffer);
  expect(after.copyExternalImageToTexture).toBe(before.copyExternalImageToTexture);
  // The numbers that are shown come back every fourth frame: scores, rows of boxes and their count.
  expect(after.copyBufferToBuffer - before.copyBufferToBuffer).toBeLessThanOrEqual(3 * Math.ceil(submissions / 4 + 1));

  await page.getByRole('button', { name: 'Mirror' }).click();
  await expect(page.locator('#live-mask')).not.toHaveClass(/mirrored/);

  await page.evaluate(() => Object.defineProperty(document, 'hidden', { value: true, configurable: true }));
  await expect
    .poll(async () => {
      const { submit } = await answered.calls();
      await page.waitForTimeout(2000);
      return (await answered.calls()).submit - submit;
    })
    .toBe(0);
  await page.evaluate(() => Reflect.deleteProperty(document, 'hidden'));
  const hidden = (await answered.calls()).submit;
  await expect.poll(async () => (await answered.calls()).submit).toBeGreaterThan(hidden);
});

test('a camera that is being answered goes on when the device is lost, whatever it was doing', async ({ answered }) => {
  const { page } = answered;
  const status = page.locator('#status');
  await startCamera(page);
  for (const laterMs of [0, 150, 400]) {
    await page.waitForTimeout(laterMs);
    await page.getByRole('button', { name: 'Lose the device' }).click();
    await status.evaluate((element) => {
      element.textContent = '';
    });
    await expect(status).toContainText('frames a second');
    await expect(page.locator('#live-mask')).toBeVisible();
  }
  await expect(page.locator('#notice p')).toHaveText([/has been replaced/]);
});

test('stopping the camera answers its last frame as a picture', async ({ answered }) => {
  const { page } = answered;
  await startCamera(page);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.locator('#live-mask')).toBeHidden();
  await expect(page.locator('#credit')).toHaveText('From the camera');
  await answered.result();
  expect(await page.locator('#video').evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull();
});
