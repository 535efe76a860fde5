// @ts-check
// Finds browsers and software drivers on this machine. Node's own modules alone: the set-up stands on this.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const CHROMIUM_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];
const FIREFOX_NAMES = ['firefox-esr', 'firefox'];
const FIREFOX_PLACES = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:/Program Files/Mozilla Firefox/firefox.exe',
];
const OLDEST_MESA = 25;
/** The first release with WebGPU on every desktop system. */
const OLDEST_FIREFOX = 145;

/** Where Vulkan drivers leave their manifests, as the Vulkan loader's documentation lists them. */
const VULKAN_MANIFESTS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** @returns {string | undefined} the one that FOVEA_CHROMIUM names, the system's, or Playwright's */
export function findChromium() {
  return named('FOVEA_CHROMIUM') ?? onPath(CHROMIUM_NAMES) ?? CHROMIUM_PLACES.find(existsSync) ?? playwrightChromium();
}

/** @returns {string | undefined} the one that FOVEA_FIREFOX names, or the system's where that is not too old */
export function findFirefox() {
  const system = onPath(FIREFOX_NAMES) ?? FIREFOX_PLACES.find(existsSync);
  return named('FOVEA_FIREFOX') ?? (system && isNewFirefox(system) ? system : undefined);
}

/** @param {string} path */
function isNewFirefox(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = stdout?.match(/Firefox (\d+)/)?.[1];
  // On Windows it does not say.
  return version === undefined || Number(version) >= OLDEST_FIREFOX;
}

/** @returns {string | undefined} the manifest of Mesa's software driver, where it is new enough for Dawn and has float16 */
export function findLavapipe() {
  const manifest = findVulkanManifest(/^lvp_icd.*\.json$/);
  const { stdout } = spawnSync('dpkg-query', ['--status', 'mesa-vulkan-drivers'], { encoding: 'utf8' });
  const version = stdout?.match(/^Version: (?:\d+:)?(\d+)/m)?.[1];
  const tooOld = version !== undefined && Number(version) < OLDEST_MESA;
  return tooOld ? undefined : manifest;
}

/** @param {RegExp} name @returns {string | undefined} the manifest of one of the system's Vulkan drivers */
export function findVulkanManifest(name) {
  return VULKAN_MANIFESTS.flatMap((folder) => list(folder, name))[0];
}

/** @returns {string | undefined} the manifest of the software driver in Chromium's folder */
export function findSwiftShader() {
  const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', ...playwrightFolders()];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find(existsSync);
}

/** @returns {string | undefined} the library of OpenGL ES, where the one that opens it without a screen is there, too */
export function findGles() {
  const folders = ['/usr/lib64', '/usr/lib', ...list('/usr/lib', /-linux-gnu\w*$/)];
  const [egl, gles] = ['libEGL.so.1', 'libGLESv2.so.2'].map((library) =>
    folders.map((folder) => join(folder, library)).find(existsSync),
  );
  return egl && gles;
}

/** Whether a graphics card might be there; on a Linux machine that has one there is a device node. */
export function mayHaveGpu() {
  return (
    process.platform !== 'linux' || list('/dev/dri', /^renderD/).length > 0 || list('/dev', /^nvidia\d/).length > 0
  );
}

/** @param {string} variable */
function named(variable) {
  const path = process.env[variable];
  if (path && !existsSync(path)) throw new Error(`${variable} names ${path}, which does not exist`);
  return path || undefined;
}

/** @param {readonly string[]} names */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function playwrightChromium() {
  return playwrightFolders()
    .map((folder) => join(folder, 'chrome'))
    .find(existsSync);
}

function playwrightFolders() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  return list(cache, /^chromium-/).flatMap((folder) => list(folder, /^chrome-linux/));
}

/** @param {string} folder @param {RegExp} pattern */
function list(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));
}
