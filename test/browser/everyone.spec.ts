import { expect, test } from '@playwright/test';
import { holdWeights, layoutShifts, prepare } from './open-page';

test.beforeEach(({ page }) => holdWeights(page));

test('a phone of 360 pixels sees everything without scrolling sideways', async ({ page }) => {
  await prepare(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const columns = await page
    .locator('.column > article')
    .evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect()));
  for (const [i, { left, right, top }] of columns.entries()) {
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(360);
    if (i > 0) expect(top).toBeGreaterThan(columns[i - 1].bottom);
  }
});

test('the keyboard reaches every control in the order of the page, and shows where it is', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  // Parts that load when they come into sight are to have all their controls before anybody counts.
  for (const [part, control] of [
    ['#own', 'Run YuNet'],
    ['#benchmark', 'Next on WebGPU'],
  ]) {
    await page.locator(part).scrollIntoViewIfNeeded();
    await expect(page.locator(part).getByRole('button', { name: control })).toBeVisible();
  }
  const controls = await page
    .locator('a[href], button, input:not([type=radio]), input[type=radio]:checked, select, summary, [tabindex="0"]')
    .evaluateAll((all) =>
      (all as HTMLInputElement[])
        .filter((control) => !control.disabled && control.checkVisibility() && control.tabIndex >= 0)
        .map((control, i) => {
          control.dataset.stop = String(i);
          return control.outerHTML.slice(0, 80);
        }),
    );
  expect(controls.length).toBeGreaterThan(20);
  // Samples are one stop, within which the arrow keys move.
  expect(controls.filter((control) => control.includes('data-name'))).toHaveLength(1);
  const missed = new Set(controls.keys());
  let last = -1;
  for (let press = 0; press < controls.length; press++) {
    await page.keyboard.press('Tab');
    const { stop, isMarked } = await page.evaluate(() => {
      const { activeElement } = document;
      const marked = activeElement?.matches('.view input') ? activeElement.nextElementSibling! : activeElement!;
      const { outlineStyle, outlineWidth } = getComputedStyle(marked);
      const isMarked = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      return { stop: Number((activeElement as HTMLElement).dataset.stop ?? -1), isMarked };
    });
    missed.delete(stop);
    expect(isMarked, controls[stop]).toBe(true);
    expect(stop, controls[stop]).toBeGreaterThan(last);
    last = stop;
  }
  expect([...missed].map((stop) => controls[stop])).toEqual([]);
});

test('the keyboard skips to the answers, moves sliders and chooses', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByText('Skip to the answers')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#answers')).toBeFocused();

  await page.getByRole('slider', { name: 'Threshold' }).first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#detect output')).toHaveText('41 %');
  expect(page.url()).toContain('threshold=0.41');

  await page.getByRole('button', { name: 'umbrella' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/picture=umbrella/);

  await page.getByRole('slider', { name: /without answers/ }).focus();
  await page.keyboard.press('End');
  await expect(page).toHaveURL(/reveal=1/);

  await page.getByRole('radio', { name: 'All three' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#detect')).toBeHidden();
  await expect(page.locator('#classify')).toBeVisible();
});

test('settings come back with the page’s address', async ({ page }) => {
  await prepare(page);
  await page.goto('./#picture=airplane&view=segment&topK=7&threshold=0.25&opacity=0.3&instances=true');
  await expect(page.locator('#segment')).toBeVisible();
  await expect(page.locator('#classify')).toBeHidden();
  await expect(page.locator('#segment output')).toHaveText('30 %');
  await expect(page.getByLabel('One colour for each thing')).toBeChecked();
  await expect(page.getByRole('button', { name: 'airplane' }).first()).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('radio', { name: 'All three' }).check();
  await expect(page.locator('#detect output')).toHaveText('25 %');
  await expect(page.locator('#classify output')).toHaveText('7');
});

test('an address that changes while the page is open is followed', async ({ page }) => {
  await prepare(page);
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await page.evaluate(() => {
    location.hash = '#picture=umbrella&view=detect';
  });
  await expect(page.getByRole('button', { name: 'umbrella' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('#classify')).toBeHidden();
  await expect(page.getByRole('radio', { name: 'Where' })).toBeChecked();
});

test('who wants less motion gets none', async ({ page }) => {
  await prepare(page);
  const moving = (): Promise<string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== 'none' || scrollBehavior === 'smooth';
        })
        .map(({ tagName }) => tagName),
    );
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  expect(await moving()).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving()).toEqual([]);
});

for (const [name, width, height] of [
  ['wide', 1440, 900],
  ['narrow', 360, 740],
] as const) {
  test(`a ${name} page loads less than 350 kB before the weights, and nothing in it jumps`, async ({ page }) => {
    await prepare(page);
    await page.setViewportSize({ width, height });
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => {
      const { protocol, hostname } = new URL(response.url());
      if (protocol !== 'http:' || hostname !== 'localhost') return;
      sizes.push(response.body().then(({ length }) => length));
    });
    const weights = page.waitForRequest('**/*.safetensors');
    await page.goto('.');
    await weights;
    const bytes = (await Promise.all([...sizes])).reduce((sum, size) => sum + size, 0);
    console.log(`${name}: ${(bytes / 1000).toFixed(0)} kB before the weights`);
    // As they lie on disk: most servers compress them.
    expect(bytes).toBeLessThan(350_000);
    await expect(page.locator('#otsu-text')).toContainText('of 255');
    expect(await layoutShifts(page)).toBeLessThan(0.02);
  });
}

test('the page itself sets a policy under which nothing from elsewhere runs', async ({ page }) => {
  const response = await page.goto('.');
  expect(response?.headers()['content-security-policy']).toBeUndefined();
  const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  const outcomes = await page.evaluate(async () => {
    const refused: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
    let evaluated = 'refused';
    // What a driver of browsers evaluates may evaluate more; what runs later is the page's own.
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        try {
          evaluated = new Function('return "done"')() as string;
        } catch {}
        resolve();
      });
    });
    const script = document.createElement('script');
    script.textContent = 'window.wasRun = true';
    document.body.append(script);
    await fetch('https://example.org/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { evaluated, wasRun: 'wasRun' in window, refused: refused.sort() };
  });
  expect(outcomes).toEqual({
    evaluated: 'refused',
    wasRun: false,
    refused: ['connect-src', 'script-src', 'script-src-elem'],
  });
});

test('a phone of 390 pixels has the page on at most 4,000, with what is folded a tap away', async ({ page }) => {
  await prepare(page);
  // With the networks comes a table, folded as well.
  await page.unroute('**/*.safetensors');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('.');
  await expect(page.getByText('Drawn by this page')).toBeVisible();
  await expect(page.locator('#costs tbody tr')).toHaveCount(3);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(4000);
  const folded = page.locator('#benchmark-chart');
  await expect(folded).toBeHidden();
  await page.getByText('Beside other engines').click();
  await expect(folded).toBeVisible();
});
