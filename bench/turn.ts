import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createNodeGpu } from '../src/cli/node-gpu';
import type * as Onnx from '../src/formats/onnx';
import type * as Fovea from '../src/index';
import { Random } from '../test/support/random';
import { cpuMs } from './session-time';

/** Times of one network on one tree's build, measured in one process. */
export interface Turn {
  readonly pipelines: number;
  /** From the file's bytes to the first answer. CPU time is of all threads. */
  readonly firstCpuMs: number;
  readonly firstMs: number;
  /** The least of several frames. */
  readonly frameCpuMs: number;
  readonly frameMs: number;
}

const FRAMES = { least: 5, most: 30, forMs: 1500 };

/** Measures an ONNX file on the build in `<tree>/dist`, on the adapter that `FOVEA_ADAPTER` names. */
async function main(tree: string, file: string): Promise<void> {
  // Dawn polls the device as often as Node lets it, and would take a core that the software adapter needs.
  globalThis.setImmediate = ((call: (...args: unknown[]) => void, ...args: unknown[]) =>
    setTimeout(call, 1, ...args)) as unknown as typeof setImmediate;
  const gpu = await createNodeGpu();
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  let pipelines = 0;
  const create = GPUDevice.prototype.createComputePipelineAsync;
  GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
    pipelines++;
    return create.call(this, descriptor);
  };
  const built = (name: string) => import(/* @vite-ignore */ pathToFileURL(resolve(tree, 'dist', name)).href);
  const { Engine, Tensor }: typeof Fovea = await built('fovea.js');
  const { importOnnx }: typeof Onnx = await built('onnx.js');
  const bytes = new Uint8Array(readFileSync(file));
  const engine = await Engine.create();

  const [began, before] = [performance.now(), process.cpuUsage()];
  const graph = importOnnx(bytes);
  const random = new Random(1);
  // The build checks that tensors are its own.
  const inputs = Object.fromEntries(
    graph.inputs.map((name) => {
      const { data, shape } = random.tensor(graph.values.get(name)!.shape, 0, 1);
      return [name, Tensor.float32(shape, data)];
    }),
  );
  const model = await engine.load(graph);
  await model.run(inputs);
  const [firstMs, firstCpuMs] = [performance.now() - began, cpuMs(before)];

  let [frameMs, frameCpuMs, frames] = [Infinity, Infinity, 0];
  const end = performance.now() + FRAMES.forMs;
  while (frames < FRAMES.least || (frames < FRAMES.most && performance.now() < end)) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await model.run(inputs);
    frameMs = Math.min(frameMs, performance.now() - start);
    frameCpuMs = Math.min(frameCpuMs, cpuMs(used));
    frames++;
  }
  console.log(JSON.stringify({ pipelines, firstCpuMs, firstMs, frameCpuMs, frameMs } satisfies Turn));
}

const [, , tree, file] = process.argv;
await main(tree, file);
