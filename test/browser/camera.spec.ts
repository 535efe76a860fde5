import type { Page } from '@playwright/test';
import { expect, test } from './answered';
import { sendFile } from './open-page';

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
  expect(after.getCurrentTexture - before.getCurrentTexture).toBe(submissions);
  // Each frame is imported by the three networks, and once more to be drawn.
  expect(after.importExternalTexture - before.importExternalTexture).toBe(4 * submissions);
  expect(after.copyTextureToBuffer).toBe(before.copyTextureToBuffer);
  expect(after.copyExternalImageToTexture).toBe(before.copyExternalImageToTexture);
  // The numbers that are shown come back every fourth frame: scores, rows of boxes and their count.
  expect(after.copyBufferToBuffer - before.copyBufferToBuffer).toBeLessThanOrEqual(3 * Math.ceil(submissions / 4 + 1));

  await page.getByRole('button', { name: 'Mirror' }).click();
  await expect(page.locator('#live-view')).not.toHaveClass(/mirrored/);
  // The page is other tests', too.
  await page.getByRole('button', { name: 'Mirror' }).click();
  await expect(page.locator('#live-view')).toHaveClass(/mirrored/);

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
    await expect(page.locator('#live-view')).toBeVisible();
  }
  await expect(page.locator('#notice p')).toHaveText([/has been replaced/]);
});

test('while the camera runs no sample is marked and no time of a still is shown', async ({ answered }) => {
  const { page } = answered;
  await startCamera(page);
  await expect(page.locator('#gallery [aria-pressed=true]')).toHaveCount(0);
  await expect(page.locator('.time[data-task=classify]')).toHaveText('');
});

test('a video file is played and answered like a camera, but not mirrored', async ({ answered }) => {
  const { page } = answered;
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [160, 120];
    const context = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
    const chunks: Blob[] = [];
    let size = 0;
    recorder.ondataavailable = ({ data }) => {
      chunks.push(data);
      size += data.size;
    };
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start(100);
    // A busy machine records few of the frames: there are to be some in the file.
    for (let i = 0; i < 20 || size < 3000; i++) {
      context.fillStyle = `hsl(${i * 18} 80% 50%)`;
      context.fillRect(0, 0, 160, 120);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  await sendFile(page, 'drop', 'clip.webm', 'video/webm', Buffer.from(base64, 'base64'));
  await expect(page.locator('#status')).toContainText('frames a second');
  await expect(page.locator('#video')).not.toHaveClass(/mirrored/);
  await expect(page.getByRole('button', { name: 'Mirror' })).toBeHidden();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.locator('#credit')).toHaveText('A frame of clip.webm');
  await answered.result();
});

test('with several cameras one can be chosen', async ({ answered }) => {
  const { page } = answered;
  await startCamera(page);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.evaluate(() => {
    const original = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => {
      const devices = await original();
      const camera = devices.find(({ kind }) => kind === 'videoinput')!;
      return [...devices, { ...camera.toJSON(), kind: 'videoinput', deviceId: 'second', label: 'The second camera' }];
    };
  });
  await startCamera(page);
  const choice = page.getByLabel('Which camera');
  await expect(choice.getByRole('option')).toHaveCount(2);
  await choice.selectOption('The second camera');
  // The page's tests have one camera only, whichever is asked for.
  await expect(page.locator('#status')).toContainText('frames a second');
});

test('stopping the camera answers its last frame as a picture', async ({ answered }) => {
  const { page } = answered;
  await startCamera(page);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.locator('#live-view')).toBeHidden();
  await expect(page.locator('#credit')).toHaveText('From the camera');
  await answered.result();
  expect(await page.locator('#video').evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull();
});
