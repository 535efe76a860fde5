import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './answered';
import { layoutShifts } from './open-page';

test.beforeEach(async ({ answered }) => {
  if ((await answered.page.locator('#check-result').innerText()).includes('passed')) return;
  await answered.answerTo('butterfly');
  await answered.page.locator('#layers button').first().click();
  await expect(answered.page.locator('#maps .sum')).toContainText('sum');
  await answered.page.getByRole('button', { name: 'Check against the CPU' }).click();
  await expect(answered.page.locator('#check-result')).toContainText('passed');
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 360]) {
    test(`axe finds nothing grave in the answered ${colorScheme} page of ${width} pixels, its lid open`, async ({
      answered: { page },
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
    });
  }
}

test('nothing jumps while a picture is answered', async ({ answered }) => {
  const before = await layoutShifts(answered.page);
  await answered.answerTo('airplane');
  await answered.answerTo('stop sign');
  expect((await layoutShifts(answered.page)) - before).toBeLessThan(0.02);
});
