import { FLOAT, onnxFile } from '../formats/onnx-file';
import { type AnsweredPage, expect, test } from './answered';
import { dropOn, GREEN, LEFT, named, POSE, paintedAt, putOwn, TURNED } from './exchanged';

// Each exchange of a network compiles its shaders anew.
test.describe.configure({ mode: 'serial', timeout: 400_000 });

/** Half of what it sees and half of what it remembers: more is in front the longer it looks at the same. */
const RECURRENT = onnxFile({
  inputs: [
    { name: 'src', dims: [1, 3, 'h', 'w'] },
    { name: 'r1i', dims: [1, 'c', 'a', 'b'] },
    { name: 'downsample_ratio', dims: [1] },
  ],
  outputs: ['pha', 'r1o'],
  initializers: [
    { name: 'half', type: FLOAT, dims: [], floats: [0.5] },
    { name: 'one', type: FLOAT, dims: [], floats: [1] },
    { name: 'none', type: FLOAT, dims: [], floats: [0] },
  ],
  nodes: [
    { op: 'Mul', inputs: ['src', 'none'], outputs: ['black'] },
    { op: 'Add', inputs: ['black', 'one'], outputs: ['white'] },
    { op: 'Add', inputs: ['white', 'r1i'], outputs: ['sum'] },
    { op: 'Mul', inputs: ['sum', 'half'], outputs: ['r1o'] },
    { op: 'ReduceMean', inputs: ['r1o'], outputs: ['mean'], attributes: { axes: [1] } },
    { op: 'Mul', inputs: ['downsample_ratio', 'none'], outputs: ['nothing'] },
    { op: 'Add', inputs: ['mean', 'nothing'], outputs: ['pha'] },
  ],
});

async function startCamera({ page }: AnsweredPage): Promise<void> {
  await page.locator('#camera').click();
  await expect(page.locator('#status')).toContainText('frames a second');
}

async function stopCamera(answered: AnsweredPage): Promise<void> {
  await answered.page.locator('#camera').click();
  await expect(answered.page.locator('#preview')).toBeVisible();
  await answered.result();
}

test('networks of other tasks draw over the camera what they answer', async ({ answered }) => {
  const { page } = answered;
  await dropOn(page, 'detect', 'pose.onnx', POSE);
  await named(page, 'detect', 'pose.onnx');
  await dropOn(page, 'segment', 'left.onnx', LEFT);
  await page.locator('#segment').getByLabel('Read as').selectOption('a cut-out');
  await expect(page.locator('#segment-title')).toHaveText('What is in front?');
  await dropOn(page, 'classify', 'green.onnx', GREEN);
  await page.locator('#classify').getByLabel('Read as').selectOption('a picture');
  await expect(page.locator('#classify-title')).toHaveText('What picture comes of it?');
  await answered.result();
  await page.locator('#segment').getByRole('slider', { name: 'Opacity' }).fill('1');

  await startCamera(answered);
  const over = (place: string) => page.locator(`.over[data-place=${place}]`);
  // A person's points, painted from the numbers of the frame; its name is written by the page.
  await expect.poll(async () => (await paintedAt(page, 'detect', 0.5, 0.5))[3]).toBe(255);
  await expect(page.locator('#detect .exchanged li')).toHaveText(['person 90 %']);
  await expect(over('detect')).toHaveClass(/mirrored/);
  const named9 = await page.locator('#live-names').evaluate((canvas: HTMLCanvasElement) =>
    canvas
      .getContext('2d')!
      .getImageData(0, 0, canvas.width, canvas.height)
      .data.some((value, i) => i % 4 === 3 && value > 0),
  );
  expect(named9).toBe(true);
  // The background is covered, the thing in front is not.
  await expect.poll(async () => (await paintedAt(page, 'segment', 0.9, 0.5))[3]).toBe(255);
  expect((await paintedAt(page, 'segment', 0.1, 0.5))[3]).toBe(0);
  // A picture made of each frame, at the network's own pace.
  await expect.poll(async () => (await paintedAt(page, 'classify', 0.5, 0.5)).slice(0, 3)).toEqual([0, 255, 0]);

  await page.getByRole('radio', { name: 'Where' }).check();
  await expect(over('detect')).toBeVisible();
  await expect(over('segment')).toBeHidden();
  await page.getByRole('radio', { name: 'All three' }).check();

  // A network that is exchanged meanwhile answers the camera, not the picture before.
  await putOwn(page, 'detect');
  await expect(page.locator('#status')).toContainText('frames a second');
  await expect(over('detect')).toHaveCount(0);
  await expect(page.locator('.time[data-task=detect]')).toHaveText('');
  await putOwn(page, 'segment');
  await putOwn(page, 'classify');
  await expect(page.locator('#labels li').first()).not.toHaveText('');
  await stopCamera(answered);
});

test('a cut-out of a video remembers the frames before, and sees a picture as a first frame', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await dropOn(page, 'segment', 'recurrent.onnx', RECURRENT);
  await named(page, 'segment', 'recurrent.onnx');
  await answered.result();
  const said = page.locator('#segment .exchanged');
  await expect(said).toContainText('50 % of the picture is in front');
  await startCamera(answered);
  await expect(said).toContainText(/(9\d|100) % of the picture is in front/);
  await stopCamera(answered);
  await expect(said).toContainText('50 % of the picture is in front');
  await putOwn(page, 'segment');
  await answered.answerTo('butterfly');
});

test('boxes at an angle are drawn over the camera', async ({ answered }) => {
  const { page } = answered;
  await dropOn(page, 'detect', 'boats.onnx', TURNED);
  await named(page, 'detect', 'boats.onnx');
  await answered.result();
  await startCamera(answered);
  // The lower right end of the box, and its middle: in shares of the picture.
  const end = [(160 + 100 * Math.SQRT1_2) / 320, (120 + 100 * Math.SQRT1_2) / 240] as const;
  await expect.poll(async () => (await paintedAt(page, 'detect', ...end))[3]).toBeGreaterThan(128);
  expect((await paintedAt(page, 'detect', 0.5, 0.5))[3]).toBe(0);
  await expect(page.locator('#detect .exchanged li')).toHaveText(['boat 95 %']);
  // All layers of the stage have the same box, and no inset of their own.
  const insets = page
    .locator('#hero .frame')
    .evaluateAll((layers) => layers.map((layer) => getComputedStyle(layer).padding));
  expect(new Set(await insets)).toEqual(new Set(['0px']));
  await putOwn(page, 'detect');
  await stopCamera(answered);
  await answered.answerTo('butterfly');
});
