// @ts-check
// Packs what was built, installs it into fresh projects, and has each classify a picture:
//
//   npm run test:bundlers [part of a project's name]
//
// Asks the npm registry for the bundlers.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import puppeteer from 'puppeteer-core';
import { CHROMIUM_FLAGS } from '../../tools/browsers.mjs';
import { findChromium } from '../../tools/find.mjs';
import { PROJECTS } from './projects.mjs';

const TIMEOUT_MS = 180_000;
const WEIGHTS = resolve('weights/classifier.safetensors');
const TYPES = new Map(Object.entries({ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }));

const root = mkdtempSync(join(tmpdir(), 'fovea-bundlers-'));
const part = process.argv[2] ?? '';
let failed = 0;
let passed = 0;
/** @type {{ label: string, score: number } | undefined} the first answer, which all others must equal */
let expected;
try {
  const tarball = join(
    root,
    run(['npm', 'pack', '--silent', '--pack-destination', root], '.').trim().split('\n').at(-1) ?? '',
  );
  for (const [name, project] of Object.entries(PROJECTS)) {
    if (!name.includes(part)) continue;
    try {
      const answer = await tryProject(name, project, tarball);
      if (answer.error) throw new Error(answer.error);
      expected ??= answer;
      if (answer.label !== expected.label || Math.abs(answer.score - expected.score) > 0.01) {
        throw new Error(`${JSON.stringify(answer)} where others have ${JSON.stringify(expected)}`);
      }
      passed++;
      console.log(`${name}: ${answer.label} ${answer.score.toFixed(3)}`);
    } catch (error) {
      failed++;
      console.error(`${name} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`bundlers: ${passed} projects passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * @param {string} name @param {import('./projects.mjs').Project} project @param {string} tarball
 * @returns {Promise<{ label: string, score: number, error?: string }>}
 */
async function tryProject(name, project, tarball) {
  const folder = join(root, name.replaceAll(/\W+/g, '-'));
  const files = {
    'package.json': JSON.stringify({ name: 'project', private: true, type: 'module' }),
    ...project.files,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const dependencies = Object.entries(project.dependencies).map(([dependency, version]) => `${dependency}@${version}`);
  run(['npm', 'install', '--no-audit', '--no-fund', tarball, ...dependencies], folder);
  for (const file of project.copies ?? []) cpSync(join(folder, 'node_modules/fovea/dist', file), join(folder, file));
  if (project.build) run(project.build, folder);
  const site = join(folder, project.site ?? '.');
  cpSync(WEIGHTS, join(site, 'classifier.safetensors'));
  if (project.run) return JSON.parse(run(project.run, folder).trim().split('\n').at(-1) ?? '');
  return project.extension ? inExtension(folder) : inPage(site);
}

/** @param {string} folder */
async function inPage(folder) {
  const server = createServer(({ url = '/' }, response) => {
    const path = join(folder, decodeURIComponent(new URL(url, 'http://localhost').pathname));
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'index.html') : path;
    if (!existsSync(file)) return response.writeHead(404).end();
    const type = TYPES.get(extname(file)) ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  await new Promise((listening) => server.listen(0, () => listening(undefined)));
  const browser = await launch([]);
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const page = await browser.newPage();
    const broken = new Promise((_, reject) => page.on('pageerror', reject));
    await page.goto(`http://localhost:${port}/`);
    const answered = page.waitForFunction(() => Reflect.get(globalThis, 'answer'), { timeout: TIMEOUT_MS });
    return await (await Promise.race([answered, broken])).jsonValue();
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {string} folder */
async function inExtension(folder) {
  const browser = await launch([folder]);
  try {
    const target = await browser.waitForTarget((each) => each.type() === 'service_worker', { timeout: TIMEOUT_MS });
    const worker = await target.worker();
    // The worker is there before its script has run, and before all of its globals are.
    const isReady = () => worker?.evaluate(() => typeof Reflect.get(globalThis, 'classify') === 'function');
    const end = Date.now() + TIMEOUT_MS;
    while (!(await isReady()) && Date.now() < end) await new Promise((later) => setTimeout(later, 100));
    return await worker?.evaluate(() => Reflect.get(globalThis, 'classify')());
  } finally {
    await browser.close();
  }
}

/** @param {string[]} extensions */
function launch(extensions) {
  return puppeteer.launch({
    browser: 'chrome',
    executablePath: findChromium(),
    args: CHROMIUM_FLAGS,
    protocolTimeout: TIMEOUT_MS,
    ...(extensions.length > 0 && { enableExtensions: extensions, pipe: true }),
  });
}

/** @param {readonly string[]} command @param {string} cwd @returns {string} what it prints */
function run([command, ...args], cwd) {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', shell, maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.join(' ')} failed:\n${`${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n')}`,
  );
}
