import { expect, test } from './answered';
import { expectToFit } from './fits';

test.describe.configure({ mode: 'serial' });

test('the launches of a frame lie on one axis, each with what bounds it', async ({ answered: { page } }) => {
  await page.locator('#layers button').first().click();
  const launches = Number(/(\d+) launches/.exec(await page.locator('#layers .credit').innerText())![1]);
  await page.locator('#timeline > summary').click();
  await page.getByRole('button', { name: 'Record a frame' }).click();
  const bars = page.locator('#timeline .launch');
  await expect(bars).toHaveCount(launches);
  await expect(page.locator('#timeline .look')).toContainText(/\d+ launches in .* are gaps/);
  const places = await bars.evaluateAll((all) =>
    all.map((bar) => [
      Number.parseFloat((bar as HTMLElement).style.left),
      Number.parseFloat((bar as HTMLElement).style.width),
    ]),
  );
  for (const [i, [left]] of places.entries()) {
    expect(left).toBeGreaterThanOrEqual(i === 0 ? 0 : places[i - 1][0]);
  }
  expect(places.at(-1)![0] + places.at(-1)![1]).toBeCloseTo(100, 3);
  for (const limit of ['launch', 'memory', 'arithmetic']) {
    await expect(page.locator('#timeline .limits')).toContainText(`Bound by ${limit}`);
  }
});

test('the arrow keys move from launch to launch, and Enter chooses the layer', async ({ answered: { page } }) => {
  const bars = page.locator('#timeline .launch');
  await bars.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(bars.nth(1)).toBeFocused();
  const [name] = (await page.locator('#timeline .look').innerText()).split(',');
  await page.keyboard.press('Enter');
  await expect(page.locator('#layers [aria-current]')).toHaveText(name);
});

test('the network as written and as fused are measured side by side', async ({ answered: { page } }) => {
  await page.getByRole('button', { name: 'Measure what fusion saves' }).click();
  const rows = page.locator('#timeline tbody tr');
  await expect(rows).toHaveCount(2);
  const launches = await rows.locator('td:nth-child(3)').allInnerTexts();
  expect(Number(launches[1])).toBeLessThan(Number(launches[0]));
  await expect(page.locator('#timeline .fusion')).toContainText('Fusion saves');
  await expectToFit(page, '#timeline');
  await page.locator('#timeline > summary').click();
});
