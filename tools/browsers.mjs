// @ts-check
// How to start the browsers with WebGPU on, on a machine with or without a graphics card.

import { tmpdir } from 'node:os';
import puppeteer from 'puppeteer-core';
import { findChromium, findFirefox, findLavapipe, findSwiftShader, mayHaveGpu } from './find.mjs';

/** No updates and no calls home. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
/** Chromium's own software Vulkan for everything, so that videos, canvases and workers reach WebGPU too. */
const SOFTWARE = ['--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];

/** Command line of a headless Chromium with WebGPU. */
export const CHROMIUM_FLAGS = [
  '--headless=new',
  '--enable-unsafe-webgpu',
  ...QUIET,
  ...(mayHaveGpu() ? [] : SOFTWARE),
  // Chromium refuses to sandbox root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** A camera that shows a test picture, and nobody who is asked whether it may. */
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export const FIREFOX_PREFERENCES = {
  'dom.webgpu.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  // A camera that needs neither hardware nor a permission.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
};

/**
 * @param {string} name
 * @param {readonly string[]} flags more of Chromium's command line
 * @returns {Promise<{ browser: import('puppeteer-core').Browser, implementation: string }>} the browser, and how a
 *   report names its WebGPU
 */
export async function launch(name, flags = []) {
  if (name === 'chromium') {
    const executablePath = found(findChromium(), 'Chromium', 'chromium');
    const browser = await puppeteer.launch({
      browser: 'chrome',
      executablePath,
      args: [...CHROMIUM_FLAGS, ...FAKE_CAMERA, ...flags],
      protocolTimeout: 0,
    });
    return { browser, implementation: `${await browser.version()} (Dawn, Tint)` };
  }
  if (name === 'firefox') {
    const executablePath = found(findFirefox(), 'Firefox', 'firefox');
    const { driver, env } = vulkanForFirefox();
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      protocolTimeout: 0,
      extraPrefsFirefox: FIREFOX_PREFERENCES,
      env: { ...process.env, ...env },
    });
    return { browser, implementation: `${await browser.version()} (wgpu, naga) with ${driver}` };
  }
  throw new Error(`unknown browser "${name}"; known are chromium and firefox`);
}

/** Firefox does not tell its adapter's name, so that we say which driver it was given. Lavapipe first: it has float16. */
function vulkanForFirefox() {
  if (mayHaveGpu()) return { driver: 'the system’s driver', env: {} };
  const lavapipe = process.env.FOVEA_ADAPTER === 'swiftshader' ? undefined : findLavapipe();
  const manifest = found(lavapipe ?? findSwiftShader(), 'a Vulkan driver', 'lavapipe');
  const env = { VK_ICD_FILENAMES: manifest, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() };
  return { driver: lavapipe ? 'Mesa lavapipe' : 'SwiftShader', env };
}

/** @param {string | undefined} path @param {string} what @param {string} need */
function found(path, what, need) {
  if (!path) throw new Error(`${what} is missing: run "node tools/setup.mjs ${need}"`);
  return path;
}
