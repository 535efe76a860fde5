import { readFile } from 'node:fs/promises';
import { expect, test } from './answered';
import { expectToFit } from './fits';

test.describe.configure({ mode: 'serial' });

test('a network is nodes and edges, each layer with what it makes of the picture', async ({ answered: { page } }) => {
  await page.locator('#layers button').nth(2).click();
  const layers = await page.locator('#layers tbody tr').count();
  await page.locator('#graph > summary').click();
  const nodes = page.locator('#graph .node');
  await expect(nodes).toHaveCount(layers);
  // All but those without a picture of their own, such as copies.
  await expect.poll(() => page.locator('#graph .node canvas').count()).toBeGreaterThan(layers * 0.9);
  expect(await page.locator('#graph svg path').count()).toBeGreaterThanOrEqual(layers - 1);
  await expect(page.locator('#graph .tool-body')).toContainText('operators as written became');
});

test('a node leads to its layer, with its attributes, its weights and what was fused into it', async ({
  answered: { page },
}) => {
  const node = page.locator('#graph .node', { hasText: '⊕' }).first();
  const name = await node.locator('b').innerText();
  await node.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#layers [aria-current]')).toHaveText(name);
  const facts = page.locator('#graph .graph-facts');
  await expect(facts).toContainText('Fused from');
  await expect(facts).toContainText('stride');
  await expect(facts.locator('.weights canvas').first()).toBeVisible();
  await facts.getByRole('button', { name: 'Open its maps large' }).click();
  await expect(page.getByRole('dialog', { name }).locator('.maps canvas').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.panes #maps')).toHaveCount(1);
});

test('layers are found by words, and the arrow keys move from one to the next', async ({ answered: { page } }) => {
  await page.getByLabel('Find layers by name, operator or kernel').fill('depthwise');
  const found = page.locator('#graph .node.found');
  expect(await found.count()).toBeGreaterThan(1);
  await page.keyboard.press('Enter');
  await expect(found.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#graph .node:focus')).toHaveCount(1);
  await expect(found.first()).not.toBeFocused();
  await page.getByLabel('Find layers by name, operator or kernel').fill('');
});

test('the graph is saved as an SVG of its own', async ({ answered: { page } }) => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as SVG' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.svg$/);
  const svg = await readFile(await download.path(), 'utf8');
  const problems = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    return [parsed.querySelectorAll('parsererror').length, parsed.querySelectorAll('g image').length];
  }, svg);
  expect(problems[0]).toBe(0);
  expect(problems[1]).toBeGreaterThan(10);
  await expectToFit(page, '#graph');
  await page.locator('#graph > summary').click();
});
