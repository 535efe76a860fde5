import { expect, test } from '@playwright/test';
import { holdWeights, makePicture, prepare, sendFile, shownSize } from './open-page';

test.beforeEach(async ({ page }) => {
  await prepare(page);
  await holdWeights(page);
});

test('skipping to the answers keeps picture and settings', async ({ page }) => {
  await page.goto('./#picture=umbrella&threshold=0.25');
  await expect(page.getByRole('button', { name: 'umbrella' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('#answers')).toBeFocused();
  await expect(page).toHaveURL(/picture=umbrella&threshold=0.25/);
  // As a link from elsewhere would lead there.
  await page.evaluate(() => {
    location.hash = '#answers';
  });
  await expect(page.locator('#detect output')).toHaveText('25 %');
  await expect(page.getByRole('button', { name: 'umbrella' })).toHaveAttribute('aria-pressed', 'true');
});

test('links to the parts of the page lead there, unfold them, and keep the settings', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('./#picture=umbrella');
  await expect(page.getByRole('button', { name: 'umbrella' })).toHaveAttribute('aria-pressed', 'true');
  const url = page.url();
  await page.getByRole('navigation').getByRole('link', { name: 'Benchmark' }).click();
  await expect(page.locator('#benchmark-chart')).toBeInViewport();
  expect(page.url()).toBe(url);
});

test('Back returns to the picture before, and not to the site before', async ({ page }) => {
  await page.goto('./#picture=umbrella');
  const pressed = (name: string) => expect(page.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true');
  await pressed('umbrella');
  await page.getByRole('button', { name: 'sunflower' }).click();
  await pressed('sunflower');
  // A slider is no step: Back does not undo its every move.
  await page.getByRole('slider', { name: 'Threshold' }).first().fill('0.6');
  await page.goBack();
  await pressed('umbrella');
  await page.goForward();
  await pressed('sunflower');
  await expect(page.locator('#detect output')).toHaveText('60 %');
});

test('a picture of the user’s own is there after a reload and after Back', async ({ page }) => {
  await page.goto('.');
  await expect.poll(() => shownSize(page)).toEqual([640, 480]);
  await sendFile(page, 'drop', 'mine.png', 'image/png', await makePicture(page, 70, 80));
  await expect.poll(() => shownSize(page)).toEqual([70, 80]);
  await expect(page).toHaveURL(/picture=own-/);
  await page.reload();
  await expect.poll(() => shownSize(page)).toEqual([70, 80]);
  await expect(page.locator('#credit')).toHaveText('mine.png');
  await page.goBack();
  await expect.poll(() => shownSize(page)).toEqual([640, 480]);
});

for (const [name, hash, words] of [
  ['a picture that is gone', 'https://raw.githubusercontent.com/nobody/none/main/gone.png', 'the server answered 404'],
  ['a picture that somebody else has', 'own-abc', 'kept only in the browser where it was chosen'],
  ['no address', 'http://', 'is no web address'],
] as const) {
  test(`a link to ${name} says so in the place of the picture, with a way on`, async ({ page }) => {
    await page.goto(`./#picture=${encodeURIComponent(hash)}`);
    const note = page.locator('#stage-note');
    await expect(note).toContainText(words);
    await expect(note).toBeInViewport();
    await note.getByRole('button', { name: 'Show a sample' }).click();
    await expect.poll(() => shownSize(page)).toEqual([640, 480]);
    await expect(note).toBeHidden();
  });
}

test('notices are in view wherever the page is scrolled to, and can be closed', async ({ page }) => {
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await page.locator('footer').scrollIntoViewIfNeeded();
  await sendFile(page, 'drop', 'notes.txt', 'text/plain', Buffer.from('hello'));
  await expect(page.getByText('notes.txt is neither a picture')).toBeInViewport();
  await page.locator('#notice').getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('#notice')).toBeHidden();
});

test('an empty address, a TIFF and a drawing in SVG are told apart', async ({ page }) => {
  await page.goto('.');
  await expect.poll(() => shownSize(page)).toEqual([640, 480]);
  await page.getByRole('button', { name: 'Load' }).click();
  await expect(page.getByText('Enter the web address of a picture.')).toBeVisible();
  await sendFile(page, 'drop', 'scan.tiff', 'image/tiff', Buffer.from('II*'));
  await expect(page.getByText('scan.tiff is a TIFF file, which browsers do not decode')).toBeVisible();
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><circle cx="20" cy="10" r="8"/></svg>';
  await sendFile(page, 'drop', 'drawing.svg', 'image/svg+xml', Buffer.from(svg));
  await expect.poll(() => shownSize(page)).toEqual([1024, 512]);
});

test('the adapter is named while the weights are still on their way', async ({ page }) => {
  await page.goto('.');
  await expect(page.locator('#adapter')).toContainText(/software|CPU|GPU/);
  await expect(page.locator('#adapter')).not.toContainText('Looking for');
});
