import { expect, type Locator, test } from '@playwright/test';
import report from '../../bench/results/swiftshader.json' with { type: 'json' };
import { networkLabel } from '../../demo/network-label';
import { holdWeights, prepare } from './open-page';

test.beforeEach(({ page }) => holdWeights(page));

const networks = [...new Set(report.rows.map(({ network }) => network))];
const rowsOf = (network: string) => report.rows.filter((row) => row.network === network);

test('the page sets all engines on all networks in one chart and says that the adapter is software', async ({
  page,
}) => {
  const problems = await prepare(page);
  await page.goto('.');
  const section = page.locator('#benchmark');
  await section.scrollIntoViewIfNeeded();
  await expect(section).toContainText('on swiftshader, a software adapter');
  await expect(section.locator('tbody tr')).toHaveCount(networks.length);
  for (const network of networks) {
    const row = section.getByRole('row', { name: networkLabel(network), exact: false }).first();
    await expect(row.locator('.dots .dot')).toHaveCount(rowsOf(network).length);
    await expect(row.getByRole('img')).toHaveAccessibleName(/Fovea [\d.]+ (ms|s)/);
  }
  expect(problems).toEqual([]);
});

test('dots lie on a logarithmic axis: ten times as long is as far everywhere', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  const section = page.locator('#benchmark');
  await section.scrollIntoViewIfNeeded();
  const network = networks[0];
  const plot = section
    .locator('tr', { hasText: networkLabel(network) })
    .first()
    .locator('.dots');
  await expect(plot).toBeVisible();
  const middle = async (dot: Locator): Promise<number> => {
    const { x, width } = (await dot.boundingBox())!;
    return x + width / 2;
  };
  const lines = plot.locator('.line');
  const decade = (await middle(lines.nth(1))) - (await middle(lines.nth(0)));
  const own = rowsOf(network);
  const first = await middle(plot.locator(`.dot.${own[0].engine}`));
  for (const { engine, steadyMedianMs } of own) {
    const expected = decade * Math.log10(steadyMedianMs / own[0].steadyMedianMs);
    expect(Math.abs((await middle(plot.locator(`.dot.${engine}`))) - first - expected)).toBeLessThan(2);
  }
});

test('networks are sorted by a click on a heading, and by the time that is asked for', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  const section = page.locator('#benchmark');
  await section.scrollIntoViewIfNeeded();
  const names = () => section.locator('tbody th').allInnerTexts();
  await section.getByRole('button', { name: 'Network' }).click();
  const labels = networks.map(networkLabel);
  expect(await names()).toEqual(labels.toSorted((a, b) => a.localeCompare(b)));
  await expect(section.getByRole('columnheader', { name: 'Network' })).toHaveAttribute('aria-sort', 'ascending');
  for (const [measure, key] of [
    ['a frame', 'steadyMedianMs'],
    ['the first answer', 'coldMs'],
  ] as const) {
    await section.getByLabel('Time of').selectOption(measure);
    await section.getByRole('button', { name: 'Fovea' }).click();
    const ours = (network: string) => rowsOf(network).find(({ engine }) => engine === 'fovea')?.[key] ?? Infinity;
    const sorted = networks.toSorted((a, b) => ours(a) - ours(b)).map(networkLabel);
    expect(await names()).toEqual(sorted);
  }
});
