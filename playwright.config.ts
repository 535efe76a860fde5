import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, FAKE_CAMERA } from './tools/browsers.mjs';
import { findChromium } from './tools/find.mjs';

/** Not at the root, so that a path which forgets the base shows. */
const BASE = '/some/folder/';
const PORT = Number(process.env.PORT ?? 4180);

/** The built demo, under its content security policy, in the Chromium that this machine has. */
export default defineConfig({
  testDir: 'test/browser',
  // A software adapter computes on all cores: two pages at once only slow each other down.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 120_000 },
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${PORT}${BASE}`,
    headless: false, // CHROMIUM_FLAGS ask for the new headless mode, which has WebGPU
    launchOptions: {
      executablePath: findChromium(),
      args: [...CHROMIUM_FLAGS, ...FAKE_CAMERA],
      ignoreDefaultArgs: ['--disable-gpu'],
    },
    // A service worker would answer in the place of the tests' routes; the test of working offline allows it.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
  },
  webServer: {
    command: `vite build --mode demo --logLevel warn && vite preview --mode demo --base ${BASE} --port ${PORT} --strictPort`,
    url: `http://localhost:${PORT}${BASE}`,
    reuseExistingServer: false,
    timeout: 180_000,
  },
});
