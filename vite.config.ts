import { resolve } from 'node:path';
import type { BuildOptions } from 'vite';
import { defineConfig } from 'vitest/config';
import { mayHaveGpu } from './tools/find.mjs';
import { nodeWorkers } from './tools/node-workers.mjs';
import { stripWgsl } from './tools/strip-wgsl.mjs';

/** What the package offers, by the name of the built file. */
const ENTRIES = {
  fovea: resolve('src/index.ts'),
  graph: resolve('src/graph/index.ts'),
  live: resolve('src/tasks/live-view.ts'),
  tasks: resolve('src/tasks/index.ts'),
  onnx: resolve('src/formats/onnx/index.ts'),
  cpu: resolve('src/cpu/cpu-runner.ts'),
  reference: resolve('src/reference/runner.ts'),
  node: resolve('src/cli/node-gpu.ts'),
  cli: resolve('src/cli/index.ts'),
};

const minify = { compress: true, codegen: true, mangle: true };

/** A worker is one file, so that a bundler that copies it as it is copies all of it. */
const workerOutput = { entryFileNames: 'cpu-[name].js', codeSplitting: false, minify };

/** One build for all entries, so that they share their error classes and tensors. */
const library: BuildOptions = {
  target: 'es2022',
  lib: { entry: ENTRIES, formats: ['es'] },
  rolldownOptions: {
    external: [/^node:/, 'webgpu', 'sharp'],
    output: {
      // Short hashes: the core names every chunk that may be loaded later.
      chunkFileNames: 'chunks/[name]-[hash:7].js',
      codeSplitting: {
        groups: [
          { test: /\.wgsl/, priority: 1, name: (id, modules) => (isCore(id, modules) ? 'shaders' : null) },
          { name: (id, modules) => (isCore(id, modules) ? 'core' : null) },
        ],
      },
      minify,
    },
  },
};

/** `fovea/single`, beside the library. */
const single: BuildOptions = {
  target: 'es2022',
  emptyOutDir: false,
  lib: { entry: { single: resolve('src/single.ts') }, formats: ['es'] },
  rolldownOptions: { output: { codeSplitting: false, minify } },
};

/**
 * Whether `fovea` loads a module at once. Such modules are built into one chunk, and their shaders into another: gzip
 * finds more to repeat in one file than in several, and more among shaders when nothing lies between them.
 */
function isCore(id: string, modules: { getModuleInfo(id: string): ModuleImports | null }): boolean {
  const reached = new Set<string>();
  const visit = (module: string): void => {
    if (reached.has(module)) return;
    reached.add(module);
    modules.getModuleInfo(module)?.importedIds.forEach(visit);
  };
  visit(ENTRIES.fovea);
  return id !== ENTRIES.fovea && reached.has(id);
}

interface ModuleImports {
  readonly importedIds: readonly string[];
}

const demo = {
  target: 'es2022',
  emptyOutDir: true,
};

/** A page with these headers is cross-origin isolated: only there do the CPU runner's workers share memory. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
};

/** `vite` serves the demo, `vite build` makes the library, `vite build --mode single` its single file, `vite build --mode demo` the demo, `--mode site` the demo as part of the site, `vitest` runs the tests. */
export default defineConfig(({ mode }) => {
  const isDemo = mode === 'demo' || mode === 'site' || mode === 'development';
  // Neither the library's build nor its tests need them.
  const demoPlugins = isDemo
    ? [import('./tools/demo-plugins.mjs').then(({ demoPlugins }) => demoPlugins({ api: mode === 'site' }))]
    : [];
  return {
    root: isDemo ? resolve('demo') : resolve('.'),
    base: './',
    publicDir: isDemo ? undefined : false,
    // The demo shows its shaders, comments included.
    plugins: isDemo ? demoPlugins : [stripWgsl(), ...(mode === 'test' ? [nodeWorkers()] : [])],
    server: { fs: { allow: [resolve('.')] }, headers },
    preview: { headers },
    build: isDemo
      ? { ...demo, outDir: resolve(mode === 'site' ? 'site-dist' : 'demo-dist') }
      : mode === 'single'
        ? single
        : library,
    worker: { format: 'es' as const, rolldownOptions: isDemo ? {} : { output: workerOutput } },
    test: {
      include: ['test/**/*.test.ts', 'docs/lessons/exercises/*.test.ts'],
      // A software adapter takes seconds to compile a tiled kernel, and a busy machine many times that.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      slowTestThreshold: 10_000,
      // Every worker has an adapter of its own, which computes on all cores.
      maxWorkers: 2,
      // Its package.json leads Node to a CommonJS file that says it is a module; Vite takes the right one.
      server: { deps: { inline: ['wgsl_reflect'] } },
      env: { FOVEA_ADAPTER: process.env.FOVEA_ADAPTER ?? (mayHaveGpu() ? 'auto' : 'swiftshader') },
      reporters: ['default', './test/support/kernel-reporter.ts'],
    },
  };
});
