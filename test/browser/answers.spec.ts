import photographs from '../../demo/photographs.json' with { type: 'json' };
import { DRAWN_SAMPLES } from '../../demo/samples';
import { paletteColor } from '../../src/tasks/palette';
import { type Box, expect, test } from './answered';
import { havePhotographs, samples } from './open-page';
import { overlap, SEGMENTER_LABELS, shareOfClass, TRUTH } from './truth';

/** Where the drawn butterfly's wings end, by its drawing. */
const BUTTERFLY: Box = { xmin: 80, ymin: 66, xmax: 560, ymax: 408 };

test('all three tasks answer a drawn sample, and a table compares them', async ({ answered }) => {
  const { page } = answered;
  const { adapter, classify, segment, timesMs } = await answered.answerTo('stop sign');
  expect(adapter).not.toBe('');
  expect(classify).toHaveLength(5);
  expect(classify[0].label).toBe('stop sign');
  expect(Object.values(segment.classes).every((pixels) => pixels > 0)).toBe(true);
  for (const time of Object.values(timesMs)) expect(time).toBeGreaterThan(0);
  await expect(page.locator('#labels li').first()).toContainText('stop sign');
  await expect(page.locator('#costs tbody tr')).toHaveCount(3);
  await expect(page.locator('#otsu-text')).toContainText('of 255');
  await expect(page.locator('#k-means-text')).toContainText('4 means');
});

test('the drawn butterfly is named, boxed where it was drawn, and its pixels are the drawn ones', async ({
  answered,
}) => {
  const { classify, detect, segment } = await answered.answerTo('butterfly');
  expect(classify[0].label).toBe('butterfly');
  expect(detect[0].label).toBe('butterfly');
  expect(overlap(detect[0].box, BUTTERFLY)).toBeGreaterThan(0.7);
  const { both, either, named } = await answered.page.evaluate(
    ([red, green, blue]) => {
      const pixelsOf = (id: string): Uint8ClampedArray => {
        const { width, height } = document.querySelector<HTMLCanvasElement>('#preview')!;
        const canvas = document.querySelector<HTMLCanvasElement>(id)!;
        return canvas.getContext('2d')!.getImageData(0, 0, width, height).data;
      };
      const [drawn, learned] = [pixelsOf('#preview'), pixelsOf('#learned')];
      const counts = { both: 0, either: 0, named: 0 };
      for (let i = 0; i < drawn.length; i += 4) {
        // The meadow is all green; wings, body and spots are not.
        const isButterfly = drawn[i + 1] <= drawn[i];
        const isNamed = learned[i] === red && learned[i + 1] === green && learned[i + 2] === blue;
        if (isButterfly && isNamed) counts.both++;
        if (isButterfly || isNamed) counts.either++;
        if (isNamed) counts.named++;
      }
      return counts;
    },
    paletteColor(SEGMENTER_LABELS.indexOf('butterfly')),
  );
  expect(named).toBe(segment.classes.butterfly);
  expect(both / either).toBeGreaterThan(0.75);
});

test('sliders act at once, without running a network again', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  const before = (await answered.calls()).submit;
  await page.getByRole('slider', { name: 'Labels' }).fill('3');
  await expect(page.locator('#labels li')).toHaveCount(3);
  await expect(page.locator('#things li:not(.empty)')).toHaveCount(1);
  await page.getByRole('slider', { name: 'Threshold' }).fill('0.05');
  await expect.poll(() => page.locator('#things li:not(.empty)').count()).toBeGreaterThanOrEqual(1);
  expect((await answered.result()).detect.every(({ score }) => score >= 0.05)).toBe(true);
  const shown = () => page.locator('#mask').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.getByRole('slider', { name: 'Opacity' }).fill('0');
  const plain = await shown();
  await page.getByRole('slider', { name: 'Opacity' }).fill('1');
  expect(await shown()).not.toBe(plain);
  expect((await answered.calls()).submit).toBe(before);
  await page.getByRole('slider', { name: 'Threshold' }).fill('0.4');
  await page.getByRole('slider', { name: 'Opacity' }).fill('0.6');
  await page.getByRole('slider', { name: 'Labels' }).fill('5');
});

test('pointing at a pixel names it, and things can have a colour each', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await page.locator('#mask').hover({ position: await answered.placeOf(160, 160) });
  await expect(page.locator('#hover')).toHaveText('butterfly');
  await page.locator('#mask').hover({ position: await answered.placeOf(5, 5) });
  await expect(page.locator('#hover')).toHaveText('background');
  await page.getByLabel('One colour for each thing').check();
  await expect(page.locator('#legend li:not(.empty)')).toHaveText([/butterfly/]);
  await page.getByLabel('One colour for each thing').uncheck();
});

test('the second visit takes the weights from the cache when the server does not answer', async ({ answered }) => {
  const again = await answered.page.context().newPage();
  let asked = 0;
  await again.route('**/*.safetensors', (route) => {
    asked++;
    return route.abort();
  });
  await again.goto('.');
  await expect(again.locator('#costs tbody tr')).toHaveCount(3);
  // Once each: whether the file has changed since.
  expect(asked).toBe(3);
  await again.close();
});

test('after the device is lost the page says so, and answers on a new one', async ({ answered }) => {
  await answered.page.getByRole('button', { name: 'Lose the device' }).click();
  await expect(answered.page.getByText('has been replaced')).toBeVisible();
  expect((await answered.answerTo('stop sign')).classify[0].label).toBe('stop sign');
});

test('the drawn samples are named, and neither boxed nor painted as something else', async ({ answered }) => {
  test.setTimeout(400_000);
  for (const { name } of DRAWN_SAMPLES) {
    const { classify, detect, segment } = await answered.answerTo(name);
    expect(classify[0].label).toBe(name);
    expect(
      [...detect.map(({ label }) => label), ...Object.keys(segment.classes)].filter((label) => label !== name),
    ).toEqual([]);
  }
});

test('the photographs are named, found and outlined', async ({ answered }) => {
  test.skip(!havePhotographs, 'the sample photographs are not in ../shared, nor in the folder that FOVEA_SHARED names');
  test.setTimeout(600_000);
  const right = { named: [] as string[], found: [] as string[], outlined: [] as string[] };
  const shown = samples.filter(({ url }) => photographs.some((photograph) => photograph.url === url));
  for (const sample of shown) {
    const { classify, detect } = await answered.answerTo(sample.url);
    const truth = TRUTH[sample.file];
    if (classify[0].label === sample.label) right.named.push(sample.file);
    if (detect.some(({ label, box }) => label === sample.label && overlap(box, truth) >= 0.5)) {
      right.found.push(sample.file);
    }
    const { inside, covered } = await shareOfClass(answered.page, sample.label, truth);
    if (inside > 0.75 && covered > 0.15) right.outlined.push(sample.file);
  }
  const all = shown.map(({ file }) => file);
  expect(right).toEqual({ named: all, found: all, outlined: all });
});
