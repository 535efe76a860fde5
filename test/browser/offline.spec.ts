import { expect, test } from '@playwright/test';

test.use({ serviceWorkers: 'allow' });

test('after the first visit the page works without a network, lessons included, and can be installed', async ({
  page,
  context,
}) => {
  await page.goto('./#picture=umbrella');
  await expect(page.locator('#labels li').first()).toBeVisible({ timeout: 120_000 });
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active!.state !== 'activated') {
      await new Promise((done) => active!.addEventListener('statechange', done, { once: true }));
    }
  });
  const manifest = await page.evaluate(async () =>
    (await fetch(document.querySelector<HTMLLinkElement>('link[rel=manifest]')!.href)).json(),
  );
  expect(manifest).toMatchObject({ display: 'standalone', start_url: './' });
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator('#labels li').first()).toBeVisible({ timeout: 120_000 });
  await page.getByRole('navigation', { name: 'Lessons' }).getByRole('link', { name: 'Why fusion' }).click();
  await expect(page.locator('#lesson h1')).toHaveText('Lesson 4: why fusion');
});
