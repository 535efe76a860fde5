import { expect, test } from './answered';

test('a map shows where covering the picture costs the answer, with the number of runs and the time', async ({
  answered,
}) => {
  test.setTimeout(400_000);
  const { page } = answered;
  const { classify } = await answered.answerTo('butterfly');
  await page.locator('#why').scrollIntoViewIfNeeded();
  await expect(page.locator('#why-target')).toHaveValue(`What: ${classify[0].label}`);
  await page.getByLabel('Places').selectOption('5 × 5');
  const before = await answered.calls();
  await page.getByRole('button', { name: 'Explain' }).click();
  const text = page.locator('#why-text');
  await expect(text).toContainText('26 of 26 runs', { timeout: 300_000 });
  await expect(text).toHaveText(/in [\d.]+ s, [\d.]+ ms each/);
  await expect(page.getByRole('button', { name: 'Explain' })).toBeVisible();
  // Each run is one submission of the network at least: nothing is taken from what was known.
  expect((await answered.calls()).submit - before.submit).toBeGreaterThanOrEqual(26);
  const painted = () =>
    page.locator('#why-map').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((_, i) => i % 4 === 3).every((alpha) => alpha > 0);
    });
  expect(await painted()).toBe(true);
  await expect(page.locator('#mask')).toHaveCSS('visibility', 'hidden');
  // The map has come into sight, with what it tells.
  await expect(page.locator('#hero')).toBeInViewport({ ratio: 0.5 });
  await expect(page.locator('#why-here')).toHaveText((await text.textContent())!);
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.locator('#why-map')).toBeHidden();
  await expect(page.locator('#mask')).toHaveCSS('visibility', 'visible');
});

test('a map that is under way can be stopped, and goes with its picture', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await page.locator('#why').scrollIntoViewIfNeeded();
  await page.getByLabel('Places').selectOption('13 × 13');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.locator('#why-text')).toContainText('of 170 runs');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Explain' })).toBeVisible();
  await answered.answerTo('umbrella');
  await expect(page.locator('#why-map')).toBeHidden();
  await expect(page.locator('#why-text')).toHaveText('');
});

test('what is erased by hand is gone for the network, and its answer follows', async ({ answered }) => {
  const { page } = answered;
  await answered.answerTo('butterfly');
  await page.locator('#why').scrollIntoViewIfNeeded();
  await page.getByRole('button', { name: 'Erase by hand' }).click();
  await page.locator('#hero').scrollIntoViewIfNeeded();
  const box = (await page.locator('#why-map').boundingBox())!;
  const score = async (): Promise<number> =>
    Number(/(?:< )?(\d+) % now/.exec((await page.locator('#why-text').textContent()) ?? '')?.[1] ?? Number.NaN);
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
  await page.mouse.down();
  for (let y = 0.2; y < 0.9; y += 0.12) {
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * y);
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * y, { steps: 6 });
  }
  await page.mouse.up();
  await expect(page.locator('#why-text')).toContainText('now, in');
  await expect.poll(score).toBeLessThan(99);
  await page.getByRole('button', { name: 'Clear' }).click();
});
