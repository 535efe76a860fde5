import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { runInThisContext } from 'node:vm';
import { Tensor } from '../../src/tensor';

const FOLDER = 'node_modules/@litertjs/core/wasm/';

/** LiteRT.js expects a worker, its script a CommonJS module. */
function standInForWorker(): void {
  const script = createRequire(import.meta.url)
    .resolve('@litertjs/core/package.json')
    .replace('package.json', 'wasm/x');
  Object.assign(globalThis, {
    self: globalThis,
    require: createRequire(script),
    __filename: script,
    __dirname: dirname(script),
    // Its notes on every model that it loads.
    Module: { printErr: () => {} },
    importScripts: (path: string) => runInThisContext(readFileSync(path, 'utf8'), { filename: path }),
  });
}

let loaded: Promise<typeof import('@litertjs/core')> | undefined;

async function litert(): Promise<typeof import('@litertjs/core')> {
  standInForWorker();
  const module = await import('@litertjs/core');
  await module.loadLiteRt(FOLDER);
  return module;
}

/** Runs a `.tflite` file on LiteRT.js's CPU, as truth from outside. @returns the outputs in the order of the file */
export async function runLiteRt(model: Uint8Array, inputs: readonly Tensor<'float32'>[]): Promise<Tensor<'float32'>[]> {
  loaded ??= litert();
  const { loadAndCompile, Tensor: LiteRtTensor } = await loaded;
  const compiled = await loadAndCompile(model, { accelerator: 'wasm' });
  const results = await compiled.run(inputs.map(({ data, shape }) => new LiteRtTensor(data, [...shape])));
  const outputs = await Promise.all(
    results.map(async (result) => {
      const data = await result.data();
      if (!(data instanceof Float32Array)) throw new Error('an output is not float32');
      return Tensor.float32([...result.type.layout.dimensions], Float32Array.from(data));
    }),
  );
  compiled.delete();
  return outputs;
}
