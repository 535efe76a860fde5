import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { holdWeights, prepare } from './open-page';

let problems: string[];

test.beforeEach(async ({ page }) => {
  problems = await prepare(page);
  await holdWeights(page);
});

test.afterEach(() => expect(problems).toEqual([]));

test('a lesson opens with a part of the page in its live place, and puts it back', async ({ page }) => {
  await page.goto('./#picture=umbrella');
  await page.getByRole('navigation', { name: 'Lessons' }).getByRole('link', { name: 'When is learning not' }).click();
  const lesson = page.locator('#lesson');
  await expect(lesson.getByRole('heading', { level: 1 })).toHaveText('Lesson 6: when is learning not needed?');
  await expect(page).toHaveTitle(/Lesson 6.*Fovea/);
  await expect(page).toHaveURL(/picture=umbrella&lesson=6/);
  await expect(lesson.locator('.live-piece #classical #k-means')).toBeVisible();
  await expect(page.locator('#answers')).toBeHidden();
  await page.goBack();
  await expect(page.locator('#answers')).toBeVisible();
  await expect(page.locator('main > #classical')).toBeVisible();
  await expect(lesson).toBeHidden();
});

test('every lesson is reached by its address, and axe finds nothing grave', async ({ page }) => {
  for (let lesson = 1; lesson <= 8; lesson++) {
    await page.goto(`./#lesson=${lesson}`);
    await expect(page.locator('#lesson h1')).toContainText(`Lesson ${lesson}:`);
    await expect(page.locator('#lesson .live-piece').first()).toBeAttached({ attached: lesson !== 2 });
  }
  const { violations } = await new AxeBuilder({ page }).include('#lessons').analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});

test('a link from the text leads to the file, as a page of its own', async ({ page }) => {
  await page.goto('./#lesson=2');
  await page.locator('#lesson').getByRole('link', { name: 'max-pool2d.wgsl' }).click();
  await expect(page.locator('pre')).toContainText('Max pooling: the greatest pixel under a sliding window.');
  await page.getByRole('link', { name: 'Lessons' }).click();
  await page.getByRole('link', { name: 'The ladder' }).click();
  await page.getByRole('link', { name: 'Try this on the page' }).click();
  await expect(page.locator('#lesson .live-piece').getByRole('button')).toHaveText('Measure the ladder here');
});

test('on a phone a lesson stays within the screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const lesson of [3, 7]) {
    await page.goto(`./#lesson=${lesson}`);
    await expect(page.locator('#lesson h1')).toContainText(`Lesson ${lesson}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});

test('on a wide screen no table of a lesson is cut off', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  for (let lesson = 1; lesson <= 8; lesson++) {
    await page.goto(`./#lesson=${lesson}`);
    await expect(page.locator('#lesson h1')).toContainText(`Lesson ${lesson}`);
    const hidden = await page
      .locator('#lesson > .scroll')
      .evaluateAll((tables) => tables.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    expect(hidden.filter((pixels) => pixels > 1)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1440);
  }
});
