import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './answered';
import { expectToFit } from './fits';

test.describe.configure({ mode: 'serial' });

/** The file whose text is in the editor. */
async function shaderOf(page: Page): Promise<string> {
  const [file] = /shaders\/\S+\.wgsl/.exec(await page.locator('#workbench').innerText())!;
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** Replaces some words of the shader in the editor. */
async function edit(page: Page, from: string, to: string): Promise<void> {
  const source = await shaderOf(page);
  expect(source).toContain(from);
  await page.locator('#workbench .cm-content').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(source.replace(from, to));
}

/** The map that runs in the network, the editor's, and their difference. */
const maps = (page: Page): Promise<string[]> =>
  page
    .locator('#workbench .versions canvas')
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));

/** The rows of the table: what runs in the network, and what is in the editor. */
async function run(page: Page): Promise<string[]> {
  await page.locator('#workbench').getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('#workbench .versions canvas')).toHaveCount(3);
  return page.locator('#workbench tbody tr').allInnerTexts();
}

/** Takes ReLU6, an activation that every convolution's shader has, away. */
const RELU = ['return select(select(v, a, v < a), b, v > b);', 'return v;'] as const;

test('a shader that is run unchanged passes, and makes the same map', async ({ answered: { page } }) => {
  await page.locator('#layers button').first().click();
  await page.locator('#workbench > summary').click();
  await expect(page.locator('#workbench .cm-live').first()).toBeVisible();
  for (const row of await run(page)) expect(row).toContain('passed');
  const [original, yours] = await maps(page);
  expect(yours).toBe(original);
});

test('a changed activation changes the map and fails the check beside the original, which passes', async ({
  answered: { page },
}) => {
  const [before] = await maps(page);
  await edit(page, ...RELU);
  const [original, yours] = await run(page);
  expect(original).toContain('passed');
  expect(yours).toContain('failed');
  const after = await maps(page);
  expect(after[0]).toBe(before);
  expect(after[1]).not.toBe(before);
});

test('a link keeps a changed shader, and Reset gives the original, which passes again', async ({
  answered: { page },
}) => {
  await expect(page).toHaveURL(/edit=/);
  const link = new URL(page.url()).hash;
  const reset = page.getByRole('button', { name: 'Reset' });
  await page.locator('#layers button').nth(1).click();
  await expect(page).not.toHaveURL(/edit=/);
  await expect(reset).toBeDisabled();
  await page.evaluate((hash) => {
    location.hash = hash;
  }, link);
  await expect(reset).toBeEnabled();
  expect((await run(page))[1]).toContain('failed');
  await reset.click();
  await expect(page).not.toHaveURL(/edit=/);
  for (const row of await run(page)) expect(row).toContain('passed');
});

test('a wrong line is named by its number, and leads to its place in the editor', async ({ answered: { page } }) => {
  const alias = 'alias Scalar = f32;\n';
  const line = (await shaderOf(page)).split(alias)[0].split('\n').length + 1;
  await edit(page, alias, `${alias}let wrong = here;\n`);
  await page.locator('#workbench').getByRole('button', { name: 'Run', exact: true }).click();
  const complaint = page.locator('#workbench .complaints .error').first();
  await complaint.getByRole('button', { name: `Line ${line}`, exact: true }).click();
  await expect(page.locator('#workbench .cm-activeLine')).toHaveText('let wrong = here;');
  await expect(page.locator('#workbench .versions')).toHaveCount(0);
  await expectToFit(page, '#workbench');
  await page.getByRole('button', { name: 'Reset' }).click();
});

test('a loop without an end in a changed shader ends, and the page goes on', async ({ answered: { page } }) => {
  // It comes to 2, and stays there.
  await edit(page, RELU[0], 'var t = v; while (t.x < 1e30) { t = t * 0.5 + 1.0; } return t;');
  const [original, yours] = await run(page);
  expect(original).toContain('passed');
  expect(yours).toContain('failed');
  await expect(page.locator('#workbench').getByRole('status')).toContainText(/ends here after [\d]+ turns/);
  await page.getByRole('button', { name: 'Reset' }).click();
  for (const row of await run(page)) expect(row).toContain('passed');
});

test('the naive kernel and Winograd’s of three launches are a click away, and pass', async ({ answered: { page } }) => {
  await page.locator('#network').selectOption('segment');
  const kernels = page.locator('#workbench .kernels');
  // Some layer has a 3 × 3 kernel and stride 1.
  await page
    .locator('#layers tr', { hasText: /winograd|conv2d-3x3/ })
    .first()
    .getByRole('button')
    .click();
  for (const [name, launches] of [
    [/^conv2d-naive/, 1],
    [/^conv2d-winograd4/, 3],
  ] as const) {
    await kernels.getByRole('button', { name }).click();
    await expect(page.locator('#workbench').getByLabel('Launch').locator('option')).toHaveCount(launches);
    for (const row of await run(page)) expect(row).toContain('passed');
  }
  await page.locator('#network').selectOption('classify');
  await page.locator('#workbench > summary').click();
});
