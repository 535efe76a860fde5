import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import networks from '../../demo/own-network/networks.json' with { type: 'json' };
import { PUBLISHED_COPIES } from '../support/published-networks';
import { expect, test } from './answered';
import { dropOn, GREEN, LEFT, named, putOwn as own, POSE, paintedAt, TURNED, VECTOR } from './exchanged';
import { expectToFit } from './fits';
import { SHARED } from './open-page';

test.describe.configure({ mode: 'serial' });

const MODELS = `${SHARED}/onnx/models`;
const haveModels = existsSync(MODELS);
const NO_MODELS = 'networks by other people are not in ../shared, nor in the folder that FOVEA_SHARED names';
const CORS = { 'Access-Control-Allow-Origin': '*' };

test('a network of another task answers in a card of that task, and the page’s own comes back', async ({
  answered,
}) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await dropOn(page, 'detect', 'pose.onnx', POSE);
  await expect(page.locator('#detect-title')).toHaveText('How do they stand?');
  await named(page, 'detect', 'pose.onnx');
  const result = (await answered.result()) as unknown as Record<string, { keypoints: unknown[] }[]>;
  expect(result['detect:pose'][0].keypoints).toHaveLength(17);
  expect(Object.keys(result)).not.toContain('detect');
  await expect(page.locator('#detect .exchanged li')).toHaveText(['person 90 %']);
  await expect(page.locator('#things')).toBeHidden();
  await expect(page.locator('#detect .time')).toHaveText(/ms/);
  expect((await paintedAt(page, 'detect', 0.5, 0.5))[3]).toBe(255);
  // The sliders are those of the task.
  await page.locator('#detect').getByRole('slider', { name: 'Threshold' }).fill('0.95');
  await expect(page.locator('#detect .exchanged')).toContainText('Nothing that it knows reaches 95 % here.');
  await page.locator('#detect').getByRole('slider', { name: 'Threshold' }).fill('0.4');
  await expect(page.locator('#costs')).toContainText('How do they stand?');
  await expect(page.locator('#network option[value=detect]')).toHaveText('pose.onnx');
  await own(page, 'detect');
  await expect(page.locator('#detect-title')).toHaveText('What is where?');
  await answered.result();
  await expect(page.locator('#things li').first()).toContainText('butterfly');
  await expect(page.locator('.over')).toHaveCount(0);
});

test('boxes at an angle are drawn at their angle', async ({ answered }) => {
  const { page } = answered;
  await dropOn(page, 'detect', 'boats.onnx', TURNED);
  await expect(page.locator('#detect-title')).toHaveText('What lies where, and how?');
  await named(page, 'detect', 'boats.onnx');
  const result = (await answered.result()) as unknown as Record<string, { corners: { x: number; y: number }[] }[]>;
  expect(Object.keys(result)).toContain('detect:orient');
  // The sample of 640 × 480 is seen at a tenth of its size: half the box is 200 pixels long and 50 wide.
  const corners = result['detect:orient'][0].corners.map(({ x, y }) => [x, y]);
  const [cos, sin] = [200 * Math.SQRT1_2, 50 * Math.SQRT1_2];
  const expected = [
    [320 + cos - sin, 240 + cos + sin],
    [320 + cos + sin, 240 + cos - sin],
    [320 - cos + sin, 240 - cos - sin],
    [320 - cos - sin, 240 - cos + sin],
  ];
  for (const [k, [x, y]] of expected.entries()) {
    expect(corners[k][0]).toBeCloseTo(x, 0);
    expect(corners[k][1]).toBeCloseTo(y, 0);
  }
  await expect(page.locator('#detect .exchanged li')).toHaveText(['boat 95 %']);
  const alphaAt = async (x: number, y: number): Promise<number> =>
    (await paintedAt(page, 'detect', x / 640, y / 480))[3];
  // The middles of the four sides are lines. The box's middle, and the side of an upright box around it, are not.
  for (const [x, y] of [
    [320 + cos, 240 + cos],
    [320 - cos, 240 - cos],
    [320 + sin, 240 - sin],
    [320 - sin, 240 + sin],
  ]) {
    expect(await alphaAt(x, y)).toBeGreaterThan(128);
  }
  expect(await alphaAt(320, 240)).toBe(0);
  expect(await alphaAt(320, 240 + cos + sin)).toBe(0);
  await own(page, 'detect');
  await answered.result();
  await expect(page.locator('#things li').first()).toContainText('butterfly');
  await expect(page.locator('.over')).toHaveCount(0);
});

test('a map may be read as a mask, as a cut-out, as depth and as a picture', async ({ answered }) => {
  const { page } = answered;
  await dropOn(page, 'segment', 'left.onnx', LEFT);
  await named(page, 'segment', 'left.onnx');
  await answered.result();
  await expect(page.locator('#legend li')).toHaveText([/foreground 5\d %/]);
  const views = page.locator('#segment').getByLabel('Read as');
  await views.selectOption('a cut-out');
  await expect(page.locator('#segment-title')).toHaveText('What is in front?');
  await answered.result();
  await expect(page.locator('#segment .exchanged')).toContainText('50 % of the picture is in front');
  await page.locator('#segment').getByRole('slider', { name: 'Opacity' }).fill('1');
  expect((await paintedAt(page, 'segment', 0.1, 0.5))[3]).toBe(0);
  expect((await paintedAt(page, 'segment', 0.9, 0.5))[3]).toBe(255);
  await views.selectOption('depth');
  await expect(page.locator('#segment-title')).toHaveText('How far away?');
  await answered.result();
  expect(await paintedAt(page, 'segment', 0.1, 0.5)).toEqual([255, 255, 255, 255]);
  expect(await paintedAt(page, 'segment', 0.9, 0.5)).toEqual([0, 0, 0, 255]);
  await page.locator('#segment').getByRole('slider', { name: 'Opacity' }).fill('0.6');
  await own(page, 'segment');
  await answered.result();
  await expect(page.locator('#legend li').first()).toContainText('butterfly');
});

test('a picture made of the picture is laid over it, and a vector tells how alike pictures are', async ({
  answered,
}) => {
  const { page } = answered;
  await dropOn(page, 'segment', 'green.onnx', GREEN);
  await page.locator('#segment').getByLabel('Read as').selectOption('a picture');
  await expect(page.locator('#segment-title')).toHaveText('What picture comes of it?');
  await dropOn(page, 'classify', 'vector.onnx', VECTOR);
  await expect(page.locator('#classify-title')).toHaveText('What is it like?');
  await answered.result();
  const [red, green, blue] = await paintedAt(page, 'segment', 0.5, 0.5);
  expect([red, green, blue]).toEqual([0, 255, 0]);
  await answered.answerTo('umbrella');
  await expect(page.locator('#classify .exchanged li').first()).toContainText('like butterfly100 %');
  await expectToFit(page, '#answers');
  await own(page, 'segment');
  await own(page, 'classify');
  await answered.answerTo('butterfly');
});

test('a file that fits no task, or is no network, changes nothing and says why', async ({ answered }) => {
  const { page } = answered;
  await dropOn(page, 'classify', 'notes.onnx', Buffer.from('no network at all'));
  await expect(page.locator('#classify').getByRole('alert')).toContainText('notes.onnx: ');
  await named(page, 'classify', 'Fovea’s own');
  await page.locator('#classify').getByLabel('Web address of an .onnx file').fill('https://example.org/a.onnx');
  await page.keyboard.press('Enter');
  await expect(page.locator('#classify').getByRole('alert')).toContainText('raw.githubusercontent.com only');
  await own(page, 'classify');
  await expect(page.locator('#classify').getByRole('alert')).toBeHidden();
});

test('published networks answer from the menu by keys alone, and a link and Back restore them', async ({
  answered,
}) => {
  test.skip(!haveModels, NO_MODELS);
  const { page } = answered;
  for (const { name, url } of networks) {
    await page.route(url, (route) => route.fulfill({ path: `${MODELS}/${PUBLISHED_COPIES[name]}`, headers: CORS }));
  }
  const menu = page.locator('#detect .exchange > summary');
  if ((await page.locator('#detect .exchange').getAttribute('open')) === null) {
    await menu.focus();
    await page.keyboard.press('Enter');
  }
  const yolox = page.locator('#detect').getByRole('button', { name: 'YOLOX-nano' });
  await yolox.focus();
  await page.keyboard.press('Enter');
  await named(page, 'detect', 'YOLOX-nano');
  await expect(page).toHaveURL(/detect=YOLOX-nano/);
  await expect(page.locator('#detect-title')).toHaveText('What is where?');
  await answered.result();
  await expect(page.locator('#costs')).toContainText('not measured');
  const [, , ...lines] = (await clipboardCode(page)).split('\n');
  expect(lines.join('\n')).toContain(`ObjectDetector.load(engine, '${networks[0].url}'`);
  await page.goBack();
  await named(page, 'detect', 'Fovea’s own');
  await page.goForward();
  await named(page, 'detect', 'YOLOX-nano');
  await answered.result();
  await own(page, 'detect');
  await answered.result();
});

async function clipboardCode(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy code' }).click();
  await expect(page.locator('#taken')).toContainText('The code is copied');
  return page.evaluate(() => navigator.clipboard.readText());
}

test('networks of every published task answer in any card', async ({ answered }) => {
  test.skip(!haveModels, NO_MODELS);
  const { page } = answered;
  for (const [place, file, title, views] of [
    ['classify', 'squeezenet1.1/squeezenet1.1.onnx', 'What is it?', ['labels', 'a vector']],
    ['classify', 'superres-espcn/superres-espcn.onnx', 'Which pixels?', ['a mask']],
    ['detect', 'yunet/yunet-n-320.onnx', 'What is where?', ['boxes', 'points of bodies or faces']],
  ] as const) {
    if (!existsSync(`${MODELS}/${file}`)) continue;
    await dropOn(page, place, file.split('/')[1], readFileSync(`${MODELS}/${file}`));
    await named(page, place, file.split('/')[1]);
    await expect(page.locator(`#${place}-title`)).toHaveText(title);
    await answered.result();
    const offered = await page.locator(`#${place}`).getByLabel('Read as').locator('option').allTextContents();
    expect(offered).toEqual(expect.arrayContaining([...views]));
  }
  await own(page, 'classify');
  await own(page, 'detect');
  await answered.result();
});
