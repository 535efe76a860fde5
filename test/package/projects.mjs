// @ts-check
// Fresh projects that use the packed package, each in its own way.

/**
 * @typedef {object} Project
 * @property {Readonly<Record<string, string>>} dependencies beside Fovea itself, by name
 * @property {Readonly<Record<string, string>>} files by path
 * @property {readonly string[]} [build] the command that builds it
 * @property {string} [site] the folder that is served, where it is another than the project's
 * @property {readonly string[]} [run] the command whose last line is the answer, in place of a page
 * @property {readonly string[]} [copies] built files of the package that lie in the project as they are
 * @property {boolean} [extension] it is an extension, whose service worker answers
 */

/** A red disc on a soft ground, made by arithmetic, so that it is the same everywhere. */
const PICTURE = `
const side = 96;
const picture = { width: side, height: side, data: new Uint8ClampedArray(side * side * 4) };
for (let y = 0; y < side; y++) {
  for (let x = 0; x < side; x++) {
    const inside = Math.hypot(x - 48, y - 48) < 34;
    picture.data.set(inside ? [210, 30, 40, 255] : [x + 90, y + 90, 140, 255], (y * side + x) * 4);
  }
}
`;

/** @param {string} weights where they are, as the code says it */
const classify = (weights) => `${PICTURE}
async function classify(engine) {
  const classifier = await ImageClassifier.load(engine, ${weights});
  const [{ label, score }] = await classifier.classify(picture);
  return { label, score };
}
`;

const WEIGHTS = "new URL('/classifier.safetensors', location.href)";

/** @param {string} from the module */
const page = (from) => `import { Engine, ImageClassifier } from '${from}';
${classify(WEIGHTS)}
Engine.create().then(classify).then(
  (answer) => { globalThis.answer = answer; },
  (error) => { globalThis.answer = { error: String(error?.stack ?? error) }; },
);
`;

/** @param {string} script @param {string} [head] */
const html = (script, head = '') =>
  `<!doctype html><meta charset="utf-8"><title>Fovea</title>${head}<script type="module" src="${script}"></script>`;

const worker = `import { Engine, ImageClassifier } from './single.js';
${classify("new URL('classifier.safetensors', location.href)")}
globalThis.classify = async () => classify(await Engine.create());
`;

const withoutGpu = `import { ImageClassifier } from 'fovea';
import { CpuRunner } from 'fovea/cpu';
${classify("new URL('classifier.safetensors', import.meta.url)")}
const runner = new CpuRunner({ threads: 1 });
console.log(JSON.stringify(await classify(runner)));
runner.dispose();
`;

/** @type {Readonly<Record<string, Project>>} */
export const PROJECTS = {
  'import map': {
    dependencies: {},
    files: {
      'index.html': html(
        'main.js',
        '<script type="importmap">{ "imports": { "fovea": "./node_modules/fovea/dist/fovea.js" } }</script>',
      ),
      'main.js': page('fovea'),
    },
  },
  Vite: {
    dependencies: { vite: '8' },
    files: { 'index.html': html('/main.js'), 'main.js': page('fovea') },
    build: ['npx', 'vite', 'build'],
    site: 'dist',
  },
  webpack: {
    dependencies: { webpack: '5', 'webpack-cli': '7' },
    files: { 'dist/index.html': html('main.js'), 'main.js': page('fovea') },
    build: ['npx', 'webpack', '--mode', 'production', '--entry', './main.js'],
    site: 'dist',
  },
  esbuild: {
    dependencies: { esbuild: '0.28' },
    files: { 'dist/index.html': html('main.js'), 'main.js': page('fovea') },
    build: ['npx', 'esbuild', 'main.js', '--bundle', '--splitting', '--format=esm', '--outdir=dist'],
    site: 'dist',
  },
  'Next.js': {
    dependencies: { next: '16', react: '19', 'react-dom': '19' },
    files: {
      'next.config.mjs': "export default { output: 'export' };\n",
      'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
      // Imported where there is no browser: the page is rendered at build.
      'app/page.jsx':
        "import { VERSION } from 'fovea';\nimport Answer from './answer';\nexport default () => <main>Fovea {VERSION}<Answer /></main>;\n",
      'app/answer.jsx': `'use client';
import { useEffect } from 'react';
${page('fovea').replace('Engine.create()', 'const answerNow = () => Engine.create()')}
export default function Answer() {
  useEffect(() => { answerNow(); }, []);
  return null;
}
`,
    },
    build: ['npx', 'next', 'build'],
    site: 'out',
  },
  // The oldest TypeScript that reads the declarations, which are checked, too.
  'TypeScript 5.7': {
    dependencies: { typescript: '~5.7', '@webgpu/types': '0.1' },
    files: {
      'index.html': html(
        'out/main.js',
        '<script type="importmap">{ "imports": { "fovea": "./node_modules/fovea/dist/fovea.js" } }</script>',
      ),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          module: 'NodeNext',
          types: ['@webgpu/types'],
          strict: true,
          outDir: 'out',
        },
        files: ['main.ts', 'others.ts'],
      }),
      'main.ts': `${page('fovea').replace('classify(engine)', 'classify(engine: Engine)')}
declare global {
  var answer: object;
}
`,
      'others.ts': ['cpu', 'graph', 'live', 'node', 'onnx', 'reference', 'single', 'tasks']
        .map((part) => `export * as ${part} from 'fovea/${part}';\n`)
        .join(''),
    },
    build: ['npx', 'tsc'],
  },
  Deno: {
    dependencies: { deno: '2' },
    files: { 'main.mjs': withoutGpu },
    run: ['npx', 'deno', 'run', '--allow-all', '--node-modules-dir=manual', 'main.mjs'],
  },
  Bun: {
    dependencies: { bun: '1' },
    files: { 'main.mjs': withoutGpu },
    run: ['npx', 'bun', 'main.mjs'],
  },
  'module service worker': {
    dependencies: {},
    copies: ['single.js'],
    files: {
      'index.html': html('main.js'),
      'main.js': `await navigator.serviceWorker.register('worker.js', { type: 'module' });
const { active } = await navigator.serviceWorker.ready;
navigator.serviceWorker.onmessage = ({ data }) => { globalThis.answer = data; };
active.postMessage('classify');
`,
      'worker.js': `${worker}
self.onmessage = ({ source }) => self.classify().then(
  (answer) => source.postMessage(answer),
  (error) => source.postMessage({ error: String(error?.stack ?? error) }),
);
`,
    },
  },
  'Chromium extension': {
    dependencies: {},
    copies: ['single.js'],
    extension: true,
    files: {
      'manifest.json': JSON.stringify({
        manifest_version: 3,
        name: 'Fovea',
        version: '1',
        background: { service_worker: 'worker.js', type: 'module' },
      }),
      'worker.js': worker,
    },
  },
};
