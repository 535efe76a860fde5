import { execFileSync } from 'node:child_process';
import { expect, type Page, test } from '@playwright/test';
import { type PreviewServer, preview } from 'vite';
import { prepare } from './open-page';

test.describe.configure({ mode: 'serial' });

const SITE_URL = 'https://example.org/fovea/';
const REPOSITORY_URL = 'https://example.org/code/fovea';

let server: PreviewServer;
let url: string;
let problems: string[];

/** The site as it is published, from a folder of a web server. */
test.beforeAll(async () => {
  // Building it takes a busy machine minutes.
  test.setTimeout(600_000);
  const env = { ...process.env, SITE_URL, REPOSITORY_URL };
  const built = execFileSync('npm', ['run', 'build:site'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(built).toContain('Every link within site-dist leads somewhere.');
  const port = Number(process.env.PORT ?? 4180) + 50;
  server = await preview({ mode: 'site', base: '/a/folder/', logLevel: 'warn', preview: { port, strictPort: true } });
  url = server.resolvedUrls!.local[0];
});

test.afterAll(() => server?.close());

test.beforeEach(async ({ page }) => {
  problems = await prepare(page);
});

// A content security policy that is broken is a complaint, too.
test.afterEach(() => expect(problems).toEqual([]));

const meta = (page: Page, property: string): Promise<string | null> =>
  page.locator(`meta[property="${property}"]`).getAttribute('content');

test('the page names its address, its picture and its repository, and its documents open', async ({ page }) => {
  await page.route('**/*.safetensors', () => {});
  await page.goto(url);
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  expect(await meta(page, 'og:image')).toBe(`${SITE_URL}page.png`);
  expect(await meta(page, 'og:url')).toBe(SITE_URL);
  expect((await page.request.get(`${url}page.png`)).headers()['content-type']).toBe('image/png');
  const footer = page.getByRole('navigation', { name: 'Documents' });
  await expect(footer.getByRole('link', { name: 'Repository' })).toHaveAttribute('href', REPOSITORY_URL);
  for (const [name, text] of [
    ['Guide', 'Fovea'],
    ['Lessons as text', 'Lessons'],
    ['Shaders', 'conv2d-naive'],
    ['Cards of the networks', 'classifier'],
    ['What was tried', 'baseline'],
    ['API', 'ImageClassifier'],
  ] as const) {
    await footer.getByRole('link', { name, exact: true }).click();
    await expect(page.locator('body')).toContainText(text);
    expect(new URL(page.url()).pathname).toMatch(/^\/a\/folder\//);
    await page.goBack();
  }
});

test('the documentation of the API finds a class, and shows what it takes', async ({ page }) => {
  await page.goto(`${url}api/index.html`);
  // TypeDoc's search is a script of the site, under the policy of its pages.
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('combobox').or(page.getByRole('searchbox')).first().fill('ImageClassifier');
  await page.locator('#tsd-search-results a, [role=option] a, [role=option]').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('ImageClassifier');
  await expect(page.locator('body')).toContainText('classify');
});

test('a button of the third lesson measures every rung on the adapter of the reader', async ({ page }) => {
  test.setTimeout(400_000);
  await page.route('**/*.safetensors', () => {});
  await page.goto(`${url}#lesson=3`);
  const piece = page.locator('#lesson .live-piece');
  await piece.getByRole('button', { name: 'Measure the ladder here' }).click();
  await expect(piece.locator('.status')).toContainText('Measured on', { timeout: 380_000 });
  const rows = await piece.locator('tbody tr').allInnerTexts();
  expect(rows.length).toBeGreaterThanOrEqual(11);
  expect(rows[0]).toMatch(/^conv2d-naive.*the definition.*2\.0.*ms.*1\.0 ×/s);
  expect(rows.at(-1)).toMatch(/winograd/);
  for (const idea of ['register tile', 'workgroup tile', 'both', 'split sums']) {
    expect(rows.filter((row) => row.includes(idea)).length).toBeGreaterThanOrEqual(1);
  }
  // The time, the rate, how many times the definition's, the share of the bound, and the rate of the late layer.
  for (const row of rows) expect(row).toMatch(/[\d.]+ ms\s+[\d.]+\s+[\d.]+ ×\s+\d+ %\s+[\d.]+$/);
});
