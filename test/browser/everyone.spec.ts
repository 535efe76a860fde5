import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { holdWeights, prepare } from './open-page';

test.beforeEach(({ page }) => holdWeights(page));

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in the ${colorScheme} page`, async ({ page }) => {
    await prepare(page);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('.');
    await expect(page.getByText('Drawn by this page')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
  });
}

test('a phone of 360 pixels sees everything without scrolling sideways', async ({ page }) => {
  await prepare(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const columns = await page
    .locator('.columns > article')
    .evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect()));
  for (const [i, { left, right, top }] of columns.entries()) {
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(360);
    if (i > 0) expect(top).toBeGreaterThan(columns[i - 1].bottom);
  }
});

test('the keyboard reaches every control, skips to the answers and moves sliders', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByText('Skip to the answers')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#answers')).toBeFocused();

  await page.getByRole('slider', { name: 'Threshold' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#detect output')).toHaveText('41 %');
  expect(page.url()).toContain('threshold=0.41');

  await page.getByRole('button', { name: 'umbrella' }).focus();
  await page.keyboard.press('Enter');
  expect(page.url()).toContain('picture=umbrella');

  await page.getByRole('radio', { name: 'All three' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#detect')).toBeHidden();
  await expect(page.locator('#classify')).toBeVisible();
});

test('settings come back with the page’s address', async ({ page }) => {
  await prepare(page);
  await page.goto('./#picture=airplane&view=segment&topK=7&threshold=0.25&opacity=0.3&instances=true');
  await expect(page.locator('#segment')).toBeVisible();
  await expect(page.locator('#classify')).toBeHidden();
  await expect(page.locator('#segment output')).toHaveText('30 %');
  await expect(page.getByLabel('One colour for each thing')).toBeChecked();
  await expect(page.getByRole('button', { name: 'airplane' }).first()).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('radio', { name: 'All three' }).check();
  await expect(page.locator('#detect output')).toHaveText('25 %');
  await expect(page.locator('#classify output')).toHaveText('7');
});
