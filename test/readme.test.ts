import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What the examples take for granted. */
const GIVEN = `
declare const picture: import('fovea').Picture;
declare const context: CanvasRenderingContext2D;
declare const canvas: HTMLCanvasElement;
declare const video: HTMLVideoElement;
declare const onnxBytes: Uint8Array;
declare const headBytes: Uint8Array;
`;

test('every example of the README and of the guides compiles', () => {
  const guides = readdirSync('docs').filter((file) => file.endsWith('.md'));
  const pages = ['README.md', ...guides.map((file) => `docs/${file}`)].map((file) => readFileSync(file, 'utf8'));
  const examples = pages.flatMap((page) => [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code));
  expect(examples.length).toBeGreaterThanOrEqual(4);
  const folder = resolve('.cache/readme');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'given.d.ts'), GIVEN);
  for (const [i, code] of examples.entries()) writeFileSync(join(folder, `example-${i + 1}.ts`), code);
  const paths = {
    fovea: [resolve('src/index.ts')],
    'fovea/cpu': [resolve('src/cpu/cpu-runner.ts')],
    'fovea/live': [resolve('src/tasks/live-view.ts')],
    'fovea/tasks': [resolve('src/tasks/index.ts')],
    'fovea/reference': [resolve('src/reference/runner.ts')],
    'fovea/onnx': [resolve('src/formats/onnx/index.ts')],
    'fovea/graph': [resolve('src/graph/index.ts')],
  };
  const types = ['@webgpu/types', 'vite/client', 'node'];
  const config = { extends: resolve('tsconfig.json'), compilerOptions: { paths, types }, include: ['./*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compile = (): string =>
    execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  expect(compile()).toBe('');
});

test('the guide to the shaders names every one, and none that is not there', () => {
  const named = [...readFileSync('shaders/README.md', 'utf8').matchAll(/\]\(([\w-]+\.wgsl)\)/g)].map(
    ([, file]) => file,
  );
  expect([...new Set(named)].sort()).toEqual(
    readdirSync('shaders')
      .filter((file) => file.endsWith('.wgsl'))
      .sort(),
  );
});
