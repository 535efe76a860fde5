import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './answered';
import { makePicture, sendFile } from './open-page';

/** Clicks a button that saves a file, and reads it. */
async function taken(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.locator('.take').getByRole('button', { name: button, exact: true }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync((await file.path())!) };
}

/** The pixel of a PNG, as the browser decodes it. */
const pixelOf = (page: Page, png: Buffer, x: number, y: number) =>
  page.evaluate(
    async ([base64, px, py]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      return { size: [bitmap.width, bitmap.height], color: [...context.getImageData(px, py, 1, 1).data] };
    },
    [png.toString('base64'), x, y] as const,
  );

test('the drawn butterfly can be cut out, saved with its answers and as a mask', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  const cutout = await taken(page, 'Cut-out');
  expect(cutout.name).toBe('butterfly-cutout.png');
  const [wing, meadow] = [await pixelOf(page, cutout.bytes, 160, 160), await pixelOf(page, cutout.bytes, 3, 3)];
  expect(wing.size).toEqual([640, 480]);
  expect(wing.color[3]).toBe(255);
  expect(meadow.color[3]).toBe(0);

  const mask = await taken(page, 'Mask');
  expect((await pixelOf(page, mask.bytes, 160, 160)).color).not.toEqual(wing.color);
  expect((await pixelOf(page, mask.bytes, 3, 3)).color[3]).toBe(0);

  const picture = await taken(page, 'Picture with answers');
  expect((await pixelOf(page, picture.bytes, 3, 3)).color).toEqual([...(await previewPixel(page, 3, 3))]);
  expect((await pixelOf(page, picture.bytes, 160, 160)).color).not.toEqual([...(await previewPixel(page, 160, 160))]);
});

const previewPixel = (page: Page, x: number, y: number): Promise<number[]> =>
  page
    .locator('#preview')
    .evaluate(
      (canvas: HTMLCanvasElement, [px, py]) => [...canvas.getContext('2d')!.getImageData(px, py, 1, 1).data],
      [x, y],
    );

test('the answers in JSON are in pixels of the picture itself', async ({ answered }) => {
  const { page } = answered;
  await sendFile(page, 'drop', 'large.png', 'image/png', await makePicture(page, 3200, 1600));
  await expect(page.locator('#credit')).toHaveText('large.png');
  await answered.result();
  await page.getByRole('slider', { name: 'Threshold' }).first().fill('0.05');
  const { detect } = await answered.result();
  const { name, bytes } = await taken(page, 'JSON');
  expect(name).toBe('large-answers.json');
  const json = JSON.parse(bytes.toString());
  expect(json.picture).toMatchObject({ credit: 'large.png', width: 3200, height: 1600 });
  expect(json.classify).toHaveLength(5);
  expect(json.detect).toHaveLength(detect.length);
  for (const [i, { box }] of detect.entries()) expect(json.detect[i].box.xmax).toBeCloseTo(2 * box.xmax, 3);
  await page.getByRole('slider', { name: 'Threshold' }).first().fill('0.4');
});

test('the link and a program can be copied', async ({ answered }) => {
  const { page } = answered;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await answered.answerTo('butterfly');
  await page.getByRole('slider', { name: 'Labels' }).fill('3');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.locator('#taken')).toContainText('The link is copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await page.getByRole('button', { name: 'Copy code' }).click();
  await expect(page.locator('#taken')).toContainText('The code is copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('topK: 3');
  await page.getByRole('slider', { name: 'Labels' }).fill('5');
});

test('the slider between picture and answers hides answers from the left', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await page.getByRole('slider', { name: /without answers/ }).fill('0.5');
  await expect(page.locator('#split')).toBeVisible();
  expect(await page.locator('#mask').evaluate((mask) => getComputedStyle(mask).clipPath)).toContain('50%');
  await page.getByRole('slider', { name: /without answers/ }).fill('0');
  await expect(page.locator('#split')).toBeHidden();
});

test('a network that finds nothing says how many things it knows, and which', async ({ answered }) => {
  const { page } = answered;
  await sendFile(page, 'drop', 'orange.png', 'image/png', await makePicture(page, 64, 64));
  await expect(page.locator('#credit')).toHaveText('orange.png');
  await answered.result();
  await page.getByRole('slider', { name: 'Threshold' }).first().fill('0.95');
  const said = page.locator('#things .knows');
  await expect(said).toContainText(/This network knows \d+ things/);
  await said.locator('summary').click();
  await expect(said.locator('p')).toContainText('butterfly');
  // The classifier has no likely label for a plain ground.
  await expect(page.locator('#labels .knows')).toContainText(/Nothing that it knows reaches 10 % here. Nearest: /);
  await expect(page.locator('#labels .knows')).toContainText(/This network knows \d+ things/);
  await page.getByRole('slider', { name: 'Threshold' }).first().fill('0.4');
});
