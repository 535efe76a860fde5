import type { Page } from '@playwright/test';
import { expect, test } from './answered';

/** Looks at the layer that makes a value. Layers are looked at once they are in sight. */
async function lookAt(page: Page, network: string, layer: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `picture=stop+sign&network=${network}&layer=${layer}`);
  await page.locator('#lid').scrollIntoViewIfNeeded();
}

test('a mean over the picture is taken apart, and a pixel’s numbers give it', async ({ answered: { page } }) => {
  await lookAt(page, 'classify', 'pool');
  const steps = page.getByRole('region', { name: 'The pooling step by step' });
  await expect(steps.locator('td')).toHaveCount(25);
  // Both at once, as the layer may be drawn anew in between.
  const { values, value } = await page.locator('#maps').evaluate((maps) => ({
    values: [...maps.querySelectorAll<HTMLElement>('td')].map((cell) => Number(cell.title)),
    value: Number(maps.querySelector<HTMLElement>('.sum')?.innerText.split('\n')[0].split('=')[1]),
  }));
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(Math.abs(mean - value)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(value)));
});

test('a softmax shows the likeliest classes, whose numbers add up to the probability', async ({
  answered: { page },
}) => {
  await lookAt(page, 'classify', 'scores');
  const steps = page.getByRole('region', { name: 'The softmax step by step' });
  await expect(steps.locator('tbody tr')).toHaveCount(6);
  await expect(steps.locator('caption')).toContainText('add up to');
  await expect(steps.locator('tbody meter')).toHaveCount(6);
  await expect(steps.locator('tbody th').first()).toHaveText(/^\d+ stop sign$/);
});

test('a default box is moved by its offsets, and suppression is told box by box', async ({ answered: { page } }) => {
  await lookAt(page, 'detect', 'boxes');
  const decode = page.getByRole('region', { name: 'The box step by step' });
  await expect(decode.locator('tbody th')).toHaveText(['default box', 'offsets', 'box']);
  await lookAt(page, 'detect', 'kept');
  const suppression = page.getByRole('region', { name: 'The suppression step by step' });
  await expect(suppression.locator('.turns li').first()).toContainText('stays');
  await expect(suppression.locator('.equation')).toContainText(/^Class \d+ [a-z ]+, best first/);
  const turns = await suppression.locator('.turns li:visible').count();
  await suppression.getByLabel('Boxes whose turn came').fill('1');
  await expect(suppression.locator('.turns li:visible')).toHaveCount(1);
  expect(turns).toBeGreaterThan(1);
});
