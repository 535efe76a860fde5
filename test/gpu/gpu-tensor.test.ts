import { afterEach, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine, type EngineOptions } from '../../src/engine';
import { BufferUsage } from '../../src/gpu/flags';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import type { UnaryFunction } from '../../src/operators/unary';
import { runReference } from '../../src/reference';
import { ReferenceRunner } from '../../src/reference/runner';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { classifierNetwork, randomInput, smallNetwork } from '../support/networks';
import { Random } from '../support/random';
import { watchBuffers } from '../support/watch-buffers';

const engines: Engine[] = [];
/** In Node, a device dies with its GPU object. */
const gpus: GPU[] = [];

async function makeEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ gpu: await createNodeGpu(), ...options });
  engines.push(engine);
  return engine;
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
  vi.restoreAllMocks();
});

const FEW_LAYERS = { ofLargest: 1e-5 };

/** `y = fn(x)` */
function unaryGraph(fn: UnaryFunction, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Graph {
  const b = new GraphBuilder(fn);
  const [y] = b.add('unary', [b.input('x', shape, dtype)], { ...NO_ACTIVATION, alpha: 1, fn }, 'y');
  return b.build([y]);
}

/** How many buffers of the device were mapped from now on. */
function watchMappings(device: GPUDevice): () => number {
  let mapped = 0;
  const createBuffer = device.createBuffer.bind(device);
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    const mapAsync = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (...args: Parameters<GPUBuffer['mapAsync']>) => {
      mapped++;
      return mapAsync(...args);
    };
    return buffer;
  });
  return () => mapped;
}

/** Words in a new buffer of the engine's device. */
function bufferOf(device: GPUDevice, words: Float32Array | Int32Array, usage: number = BufferUsage.STORAGE): GPUBuffer {
  const buffer = device.createBuffer({ size: words.byteLength, usage: usage | BufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, words as Float32Array<ArrayBuffer>);
  return buffer;
}

test('an output left on the GPU reads back as the output of an ordinary run', async () => {
  const graph = classifierNetwork();
  const model = await (await makeEngine()).load(graph);
  const inputs = randomInput(graph);
  const names = [...graph.outputs, graph.nodes[0].outputs[0]];
  const kept = await model.run(inputs, { on: 'gpu', outputs: names });
  const expected = await model.run(inputs, { outputs: names });
  for (const name of names) {
    expect(kept[name].shape).toEqual(graph.values.get(name)!.shape);
    const tensor = await kept[name].toTensor();
    expect(tensor).toEqual(expected[name]);
    kept[name].dispose();
  }
});

test('a second network takes what the first left on the GPU: the only read-back is the last', async () => {
  const engine = await makeEngine();
  const first = smallNetwork();
  const head = unaryGraph('sigmoid', first.values.get(first.outputs[0])!.shape);
  const backbone = await engine.load(first);
  const model = await engine.load(head);
  const mapped = watchMappings(engine.device);
  const inputs = randomInput(first);
  const features = (await backbone.run(inputs, { on: 'gpu' }))[first.outputs[0]];
  expect(mapped()).toBe(0);
  const { y } = await model.run({ x: features });
  expect(mapped()).toBe(1);
  const expected = runReference(head, { x: runReference(first, inputs).get(first.outputs[0])! }).get('y')!;
  expectClose(y, expected, FEW_LAYERS);
});

test('channels that do not fill a block, ranks other than four and float16 pass from network to network', async () => {
  const engines = [await makeEngine(), await makeEngine({ precision: 'auto' })];
  const random = new Random(3);
  for (const engine of engines) {
    for (const shape of [[2, 5, 3, 7], [3, 7], [1, 1, 1, 1], [5], [2, 3, 4, 5, 2]]) {
      const x = random.tensor(shape, -1, 1);
      const negated = await engine.load(unaryGraph('neg', shape));
      const { y } = await negated.run({ x }, { on: 'gpu' });
      const twice = await negated.run({ x: y });
      expect(twice.y.shape).toEqual(shape);
      const bits = engine.precision === 'f16' ? 2 ** -11 : 0;
      for (const [i, value] of twice.y.data.entries()) {
        expect(Math.abs(value - x.data[i])).toBeLessThanOrEqual(bits * Math.abs(x.data[i]));
      }
      y.dispose();
      negated.dispose();
    }
  }
});

test("a caller's buffer is read from its offset, whatever lies around it", async () => {
  const engine = await makeEngine();
  const model = await engine.load(unaryGraph('neg', [2, 3]));
  const words = Float32Array.from({ length: 200 }, (_, i) => i);
  const buffer = bufferOf(engine.device, words);
  for (const first of [0, 1, 64, 67, 194]) {
    const { y } = await model.run({ x: { dtype: 'float32', shape: [2, 3], buffer, offset: 4 * first } });
    expect([...y.data]).toEqual(Array.from({ length: 6 }, (_, i) => -(first + i)));
  }
  buffer.destroy();
});

test('whole numbers and constants stay what they are', async () => {
  const engine = await makeEngine();
  const b = new GraphBuilder('kinds');
  const [cast] = b.add('cast', [b.input('x', [2, 2], 'int32')], { to: 'bool' }, 'is_set');
  const constant = b.constant('fixed', Tensor.int32([3], [7, 8, 9]));
  const model = await engine.load(b.build([cast, constant]));
  const buffer = bufferOf(engine.device, Int32Array.of(0, 5, -1, 0));
  const kept = await model.run({ x: { dtype: 'int32', shape: [2, 2], buffer } }, { on: 'gpu' });
  expect(await kept[cast].toTensor()).toEqual(Tensor.bool([2, 2], [0, 1, 1, 0]));
  expect(await kept[constant].toTensor()).toEqual(Tensor.int32([3], [7, 8, 9]));
});

test('of rows that only the run counts, reading back gives those that count', async () => {
  const b = new GraphBuilder('found');
  const inputs = {
    boxes: Tensor.float32([1, 2, 4], [0, 0, 1, 1, 2, 2, 3, 3]),
    scores: Tensor.float32([1, 1, 2], [0.9, 0.1]),
  };
  const names = [b.input('boxes', [1, 2, 4]), b.input('scores', [1, 1, 2])];
  const limits = { iouThreshold: 0.5, scoreThreshold: 0.5, maxPerClass: 2, firstClass: 0 } as const;
  const kinds = { scoreLayout: 'class-first', boxFormat: 'corners' } as const;
  const [, detections, count] = b.add('non-maximum-suppression', names, { ...limits, ...kinds });
  b.limitRows(detections, count);
  const model = await (await makeEngine()).load(b.build([detections]));
  const kept = await model.run(inputs, { on: 'gpu' });
  expect(kept[detections].shape).toEqual([2, 6]);
  expect((await kept[detections].rows!.count.toTensor()).data[0]).toBe(1);
  expect(await kept[detections].toTensor()).toEqual((await model.run(inputs))[detections]);
});

test("what is left on the GPU counts as the model's memory until it is disposed of, once", async () => {
  const engine = await makeEngine();
  const model = await engine.load(unaryGraph('neg', [4, 4]));
  const inputs = { x: Tensor.float32([4, 4]) };
  await model.run(inputs);
  const before = model.memoryBytes;
  const held = watchBuffers(engine.device);
  const kept = [];
  for (let i = 0; i < 3; i++) kept.push((await model.run(inputs, { on: 'gpu' })).y);
  expect(model.memoryBytes - before).toBe(3 * 64);
  for (const tensor of [...kept, ...kept]) tensor.dispose();
  expect(model.memoryBytes).toBe(before);
  expect(held()).toBe(0);
  await expect(kept[0].toTensor()).rejects.toThrow('the GPU tensor was disposed');
});

test('GPU tensors outlive the model that made them, and runs that overlap keep their own', async () => {
  const engine = await makeEngine();
  const model = await engine.load(unaryGraph('neg', [2]));
  const runs = [1, 2, 3, 4].map((v) => model.run({ x: Tensor.float32([2], [v, 10 * v]) }, { on: 'gpu' }));
  const kept = await Promise.all(runs);
  model.dispose();
  const read = await Promise.all(kept.map(({ y }) => y.toTensor()));
  expect(read.map(({ data }) => [...data])).toEqual([
    [-1, -10],
    [-2, -20],
    [-3, -30],
    [-4, -40],
  ]);
});

test('what cannot be read is refused by name', async () => {
  const [engine, other] = [await makeEngine(), await makeEngine()];
  const model = await engine.load(unaryGraph('neg', [8]));
  const buffer = bufferOf(engine.device, new Float32Array(8));
  const x = { dtype: 'float32', shape: [8], buffer } as const;
  await expect(model.run({ x: { ...x, offset: 4 } })).rejects.toThrow('"x" has 32 bytes, where 36 are needed');
  await expect(model.run({ x: { ...x, offset: 2 } })).rejects.toThrow('a multiple of 4 bytes, not at 2');
  await expect(model.run({ x: { ...x, offset: -4 } })).rejects.toThrow('a multiple of 4 bytes, not at -4');
  await expect(model.run({ x: { ...x, shape: [4] } })).rejects.toThrow(
    'input "x" must be float32 [8], got float32 [4]',
  );
  await expect(model.run({ x, other: x })).rejects.toThrow('graph "neg" has no input "other"');
  await expect(model.run({ x, y: x })).rejects.toThrow('graph "neg" has no input "y"');
  const uniform = bufferOf(engine.device, new Float32Array(8), BufferUsage.UNIFORM);
  await expect(model.run({ x: { ...x, buffer: uniform } })).rejects.toThrow('must have the usage STORAGE');
  await expect(model.run({ x }, { on: 'cpu' as 'gpu' })).rejects.toThrow('"host" or "gpu", not on cpu');
  await expect(model.run({ x }, { profile: true })).rejects.toThrow('on the host');

  const { y } = await (await other.load(unaryGraph('neg', [8]))).run({ x: Tensor.float32([8]) }, { on: 'gpu' });
  await expect(model.run({ x: y })).rejects.toThrow('"x" lies on another engine\'s device');
  y.dispose();
  await expect(model.run({ x: y })).rejects.toThrow('"x" was disposed');

  const onCpu = await new ReferenceRunner().load(unaryGraph('neg', [8]));
  await expect(onCpu.run({ x } as never)).rejects.toThrow('input "x" must be a Tensor');
  expect((await model.run({ x })).y.size).toBe(8);
});

test("an engine works on a caller's device, leaves it open, and does not open another when it is lost", async () => {
  const gpu = await createNodeGpu();
  gpus.push(gpu);
  const adapter = (await gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  const listeners = vi.spyOn(device, 'removeEventListener');
  const [engine, second] = [await makeEngine({ device }), await makeEngine({ device })];
  expect(engine.device).toBe(device);
  expect(engine.adapter.name).not.toBe('unknown adapter');
  const buffer = bufferOf(device, Float32Array.of(1, 2));
  const model = await engine.load(unaryGraph('neg', [2]));
  const { y } = await model.run({ x: { dtype: 'float32', shape: [2], buffer } }, { on: 'gpu' });
  // Two engines on one device may hand each other tensors.
  const { y: back } = await (await second.load(unaryGraph('neg', [2]))).run({ x: y });
  expect([...back.data]).toEqual([1, 2]);
  engine.dispose();
  expect(listeners).toHaveBeenCalledWith('uncapturederror', expect.any(Function));
  await device.queue.onSubmittedWorkDone();
  const alive = await Promise.race([device.lost, Promise.resolve('alive')]);
  expect(alive).toBe('alive');

  const left = await second.load(unaryGraph('neg', [2]));
  device.destroy();
  await device.lost;
  await expect(left.run({ x: Tensor.float32([2]) })).rejects.toThrow("the caller's device was lost");
  await expect(Engine.create({ device: adapter as unknown as GPUDevice })).rejects.toThrow('must be a GPUDevice');
});
