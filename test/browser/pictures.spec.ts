import { expect, test } from '@playwright/test';
import { havePhotographs, holdWeights, makePicture, prepare, samples, sendFile, shownSize } from './open-page';

let problems: string[];

test.beforeEach(async ({ page }) => {
  problems = await prepare(page);
  await holdWeights(page);
  await page.goto('.');
  await expect.poll(() => shownSize(page)).toEqual([640, 480]);
  await expect(page.getByText('Drawn by this page')).toBeVisible();
});

test.afterEach(() => expect(problems).toEqual([]));

test('a file that was chosen is shown', async ({ page }) => {
  const buffer = await makePicture(page, 90, 60);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'mine.png', mimeType: 'image/png', buffer });
  await expect.poll(() => shownSize(page)).toEqual([90, 60]);
  await expect(page.locator('#credit')).toHaveText('mine.png');
});

test('a picture may be dropped anywhere on the page', async ({ page }) => {
  await sendFile(page, 'drop', 'dropped.png', 'image/png', await makePicture(page, 70, 80));
  await expect.poll(() => shownSize(page)).toEqual([70, 80]);
});

test('a picture may be pasted', async ({ page }) => {
  await sendFile(page, 'paste', 'image.png', 'image/png', await makePicture(page, 33, 44));
  await expect.poll(() => shownSize(page)).toEqual([33, 44]);
});

test('what is no picture is refused, and a broken one says what to try', async ({ page }) => {
  await sendFile(page, 'drop', 'notes.txt', 'text/plain', Buffer.from('hello'));
  await expect(page.getByText('notes.txt is neither a picture, a video nor an .onnx file')).toBeVisible();
  await sendFile(page, 'drop', 'broken.png', 'image/png', Buffer.from('no picture'));
  await expect(page.getByText('broken.png could not be decoded as a picture. Try a JPEG')).toBeVisible();
  expect(await shownSize(page)).toEqual([640, 480]);
});

test('a web address is loaded from hosts that the page allows, and kept in its own', async ({ page }) => {
  const url = 'https://raw.githubusercontent.com/somebody/pictures/main/one.png';
  const body = await makePicture(page, 50, 40);
  await page.route(url, (route) => route.fulfill({ body, headers: { 'Access-Control-Allow-Origin': '*' } }));
  await page.getByLabel('Web address').fill(url);
  await page.getByRole('button', { name: 'Load' }).click();
  await expect.poll(() => shownSize(page)).toEqual([50, 40]);
  expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('picture')).toBe(url);
  await page.reload();
  await expect.poll(() => shownSize(page)).toEqual([50, 40]);

  await page.getByLabel('Web address').fill('https://example.org/other.png');
  await page.getByRole('button', { name: 'Load' }).click();
  await expect(page.getByText('this page loads pictures from raw.githubusercontent.com only')).toBeVisible();
});

test('the gallery has drawn samples and, online, photographs with their source and licence', async ({ page }) => {
  await page.getByRole('button', { name: 'stop sign' }).click();
  await expect(page.getByRole('button', { name: 'stop sign' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('button', { name: 'butterfly' }).first()).toHaveAttribute('aria-pressed', 'false');
  await expect(page).toHaveURL(/#picture=stop\+sign/);

  test.skip(!havePhotographs, 'the sample photographs are not in ../shared, nor in the folder that FOVEA_SHARED names');
  const { url, sha256, width, height } = samples.find(({ label }) => label === 'elephant')!;
  await page.getByRole('button', { name: 'elephant' }).click();
  await expect.poll(() => shownSize(page)).toEqual([width, height]);
  await expect(page.locator('#credit')).toContainText('CC BY 4.0');
  await expect(page.locator('#credit').getByRole('link')).toHaveAttribute('href', url);
  await expect(page.locator('#credit').getByTitle(sha256)).toBeVisible();
  expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('picture')).toBe(url);
});

test('a photograph that is not the expected one is refused', async ({ page }) => {
  await page.route('**/elephant/**', (route) =>
    route.fulfill({ body: 'another', headers: { 'Access-Control-Allow-Origin': '*' } }),
  );
  await page.getByRole('button', { name: 'elephant' }).click();
  await expect(page.getByText('it is not the picture that was expected')).toBeVisible();
});

test('a camera that comes when it is no longer wanted is closed again', async ({ page }) => {
  const live = await page.evaluateHandle(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const state = { streams: [] as MediaStream[], allow: [] as (() => void)[] };
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      state.streams.push(stream);
      // As if somebody had been asked, and took their time.
      await new Promise<void>((resolve) => state.allow.push(resolve));
      return stream;
    };
    return state;
  });
  const asked = (times: number): Promise<void> =>
    expect.poll(() => live.evaluate(({ allow }) => allow.length)).toBe(times);
  const allow = (): Promise<void> => live.evaluate(({ allow }) => allow.forEach((answer) => void answer()));
  const states = (): Promise<boolean[]> =>
    live.evaluate(({ streams }) => streams.map((stream) => stream.getTracks().some((t) => t.readyState === 'live')));

  const camera = page.locator('#camera');
  await camera.click();
  await camera.click();
  await asked(2);
  await allow();
  await expect(camera).toHaveText('Stop');
  await expect.poll(states).toEqual([false, true]);
  await camera.click();
  await expect(page.locator('#credit')).toHaveText('From the camera');
  expect(await states()).toEqual([false, false]);

  await camera.click();
  await asked(3);
  await page.locator('#gallery').getByRole('button', { name: 'stop sign' }).click();
  await expect.poll(() => shownSize(page)).toEqual([640, 480]);
  await allow();
  await expect.poll(states).toEqual([false, false, false]);
  await expect(camera).toHaveText('Camera');
  await expect(page.locator('#video')).toBeHidden();
});

test('a camera that is opened before there are networks says so, and is answered live once they are there', async ({
  page,
}) => {
  test.setTimeout(500_000);
  await page.unroute('**/*.safetensors');
  const held: (() => void)[] = [];
  await page.route('**/*.safetensors', async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  await page.reload();
  await expect.poll(() => held.length).toBe(3);
  await page.locator('#camera').click();
  await expect(page.locator('#status')).toHaveText('The camera is answered once the networks are there.');
  for (const release of held) release();
  await expect(page.locator('#status')).toContainText('frames a second', { timeout: 400_000 });
  await page.locator('#camera').click();
  await expect(page.locator('#credit')).toHaveText('From the camera');
});

test('on a phone the stage comes into sight when a sample is chosen far below it', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const sample = page.locator('#gallery button[data-name="airplane"]');
  await sample.scrollIntoViewIfNeeded();
  await expect(page.locator('#hero')).not.toBeInViewport();
  await sample.click();
  await expect(sample).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('#hero')).toBeInViewport({ ratio: 0.9 });
});
