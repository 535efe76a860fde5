import { expect, test } from '@playwright/test';
import report from '../../bench/results/swiftshader.json' with { type: 'json' };
import { networkLabel } from '../../demo/network-label';
import { holdWeights, prepare } from './open-page';

test.beforeEach(({ page }) => holdWeights(page));

test('the page sets the engines side by side and says that the adapter is software', async ({ page }) => {
  const problems = await prepare(page);
  await page.goto('.');
  const section = page.locator('#benchmark');
  await section.scrollIntoViewIfNeeded();
  await expect(section).toContainText('on swiftshader, a software adapter');

  for (const network of new Set(report.rows.map((row) => row.network))) {
    const table = section.getByRole('table', { name: networkLabel(network), exact: true });
    const engines = report.rows.filter((row) => row.network === network).length;
    await expect(table.getByRole('row')).toHaveCount(1 + engines);
    await expect(table.getByRole('row', { name: 'Fovea' })).toContainText('1.0 ×');
  }
  expect(problems).toEqual([]);
});

test('the slowest engine has the longest bar, and Fovea’s is in proportion', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  const section = page.locator('#benchmark');
  await section.scrollIntoViewIfNeeded();
  const table = section.getByRole('table').first();
  const lengths = await table
    .locator('.length')
    .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
  const [first] = report.rows;
  const times = report.rows.filter(({ network }) => network === first.network).map((row) => row.steadyMedianMs);
  const [longest, slowest] = [Math.max(...lengths), Math.max(...times)];
  for (const [i, length] of lengths.entries()) expect(length / longest).toBeCloseTo(times[i] / slowest, 1);
});
