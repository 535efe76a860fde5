import { afterAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { PORTABLE_DEVICE } from '../../src/gpu/adapter-profile';
import { BufferUsage, MAP_READ_MODE, TextureUsage } from '../../src/gpu/flags';
import { loadKernels } from '../../src/gpu/kernels';
import { layoutStrides, type TensorDesc, toLayout } from '../../src/gpu/layout';
import { drawBoxes, drawMasks, drawPictures, type TensorSource } from '../../src/gpu/overlay';
import { makePlan } from '../../src/gpu/plan';
import type { BufferRange } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { type PictureSpec, placePicture } from '../../src/picture';
import { runReference } from '../../src/reference';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { paletteColor } from '../../src/tasks/palette';
import { Tensor } from '../../src/tensor';
import { allCases } from '../ops/cases';
import { expectClose } from '../support/expect-close';
import { caseGraph } from '../support/kernel-case';
import { randomInput, smallNetwork } from '../support/networks';

const asked: (string | undefined)[] = [];
const dawn = await createNodeGpu();

/** A machine whose drivers only offer the compatibility level; Dawn then holds a device to its limits. */
const compatible: Pick<GPU, 'requestAdapter'> = {
  async requestAdapter(options) {
    asked.push(options?.featureLevel);
    if (options?.featureLevel !== 'compatibility') return null;
    const adapter = (await dawn.requestAdapter(options))!;
    const { limits } = await adapter.requestDevice().then((device) => {
      device.destroy();
      return device;
    });
    return {
      // As browsers of before `info` was agreed on.
      info: undefined,
      features: new Set<string>(),
      limits,
      requestDevice: async (descriptor: GPUDeviceDescriptor) =>
        (await dawn.requestAdapter(options))!.requestDevice(descriptor),
    } as unknown as GPUAdapter;
  },
};

const engine = await Engine.create({ gpu: compatible as GPU });
afterAll(() => engine.dispose());

async function check(graph: Graph): Promise<void> {
  const inputs = randomInput(graph);
  const model = await engine.load(graph);
  const actual = await model.run(inputs);
  for (const [name, tensor] of runReference(graph, inputs)) expectClose(actual[name], tensor, { ofLargest: 1e-5 });
  model.dispose();
}

describe('an adapter of the compatibility level', () => {
  test('is asked for when there is no other, and may say nothing about itself', () => {
    expect(asked).toEqual([undefined, 'compatibility']);
    expect(engine.adapter).toMatchObject({ name: 'unknown adapter', vendor: '', software: false });
    expect(engine.device.limits).toMatchObject({
      maxComputeInvocationsPerWorkgroup: 128,
      maxComputeWorkgroupStorageSize: 16384,
      maxTextureDimension2D: 4096,
    });
  });

  test('runs a network, and rows that would take larger workgroups', async () => {
    await check(smallNetwork());
    const b = new GraphBuilder('rows');
    const x = b.input('x', [3, 2000]);
    const [likely] = b.add('softmax', [x], { axis: 1, log: false });
    const [values, indices] = b.add('top-k', [x], { axis: 1, k: 5, largest: true });
    await check(b.build([likely, values, indices]));
  });

  test('answers about a picture that is larger than its textures', async () => {
    const b = new GraphBuilder('mean');
    const [pooled] = b.add('global-pool2d', [b.input('image', [1, 3, 8, 8])], { fn: 'mean' }, 'pooled');
    const [probabilities] = b.add('reshape', [pooled], { shape: [1, 3] }, 'probabilities');
    const classifier = await ImageClassifier.load(engine, {
      task: 'classify',
      graph: b.build([probabilities]),
      labels: ['red', 'green', 'blue'],
      spec: { size: [8, 8], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] },
    });
    const width = 4100;
    const data = new Uint8ClampedArray(width * 2 * 4).map((_, i) => [255, 51, 0, 255][i % 4]);
    const [red, green] = await classifier.classify({ data, width, height: 2 });
    expect([red.label, green.label]).toEqual(['red', 'green']);
    expect(red.score).toBeCloseTo(1, 2);
    expect(green.score).toBeCloseTo(0.2, 2);
    classifier.dispose();
  });
});

describe('drawing at the compatibility level', () => {
  const FORMAT = 'rgba8unorm';
  const spec: PictureSpec = { size: [16, 16], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };
  const placement = placePicture(64, 32, spec);

  const upload = (data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): BufferRange => {
    const usage = BufferUsage.STORAGE | BufferUsage.COPY_DST;
    const buffer = engine.device.createBuffer({ size: Math.max(16, data.byteLength), usage });
    engine.device.queue.writeBuffer(buffer, 0, data);
    return { buffer, offset: 0, size: buffer.size };
  };

  const source = ({ shape, data }: Tensor<'float32'>, layout: TensorDesc['layout']): TensorSource => {
    const strides = layoutStrides(shape, layout);
    const desc = { value: 'x', root: 'x', dtype: 'float32', shape, layout, offset: 0, strides } as const;
    return { desc, range: upload(toLayout(data, shape, layout) as Float32Array<ArrayBuffer>), precision: 'f32' };
  };

  /** The colour of each pixel of a black canvas of 64 × 32 that was drawn on. */
  async function drawn(draw: (pass: GPURenderPassEncoder) => void) {
    const { device } = engine;
    const usage = TextureUsage.RENDER_ATTACHMENT | TextureUsage.COPY_SRC;
    const texture = device.createTexture({ size: [64, 32], format: FORMAT, usage });
    const copy = device.createBuffer({ size: 256 * 32, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: texture.createView(), loadOp: 'clear', storeOp: 'store', clearValue: [0, 0, 0, 1] }],
    });
    draw(pass);
    pass.end();
    encoder.copyTextureToBuffer({ texture }, { buffer: copy, bytesPerRow: 256 }, [64, 32]);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(MAP_READ_MODE);
    const bytes = new Uint8Array(copy.getMappedRange().slice(0));
    return (x: number, y: number): number[] => [...bytes.subarray(y * 256 + x * 4, y * 256 + x * 4 + 3)];
  }

  const expectColor = (actual: readonly number[], expected: readonly number[]): void => {
    for (const [c, value] of expected.entries()) expect(Math.abs(actual[c] - value)).toBeLessThanOrEqual(1);
  };

  test('its vertex stage reads no buffers', () => {
    expect(engine.device.limits.maxStorageBuffersInVertexStage).toBe(0);
  });

  test('boxes that count and score enough have their lines, the last on top', async () => {
    const rows = [
      [0.25, 0.25, 0.75, 0.75, 0.9, 3],
      [0, 0.4, 0.1, 0.6, 0.2, 5], // below the threshold
      [0.5, 0.25, 0.75, 0.75, 0.9, 4],
      [0.9, 0.4, 1, 0.6, 0.9, 5], // does not count
    ];
    const { pipelines } = await engine.connection();
    const detections = source(Tensor.float32([4, 6], rows.flat()), 'linear');
    const boxes = await drawBoxes(pipelines, detections, upload(Int32Array.of(3)), FORMAT);
    const pixel = await drawn((pass) => boxes.draw(pass, placement, { threshold: 0.5 }));
    // Lines are two pixels wide, on both sides of the box's edge.
    for (const x of [15, 16]) expectColor(pixel(x, 16), paletteColor(3));
    for (const y of [7, 8, 23, 24]) expectColor(pixel(24, y), paletteColor(3));
    for (const x of [31, 32, 47, 48]) expectColor(pixel(x, 16), paletteColor(4));
    for (const x of [0, 3, 14, 17, 30, 33, 46, 49, 60, 63]) expect(pixel(x, 16)).toEqual([0, 0, 0]);
    boxes.dispose();
  });

  test('a mask has the colours of its classes', async () => {
    const { pipelines } = await engine.connection();
    const halves = Tensor.float32(
      [1, 3, 1, 2],
      [0, 0, 9, 0, 0, 9], // class 1 on the left, 2 on the right
    );
    const mask = await drawMasks(pipelines, source(halves, 'nhwc4'), FORMAT);
    const pixel = await drawn((pass) => mask.draw(pass, placement, { opacity: 1 }));
    expectColor(pixel(3, 16), paletteColor(1));
    expectColor(pixel(60, 16), paletteColor(2));
    mask.dispose();
  });

  test('a frame fills the canvas', async () => {
    const { pipelines } = await engine.connection();
    const frames = await drawPictures(pipelines, FORMAT);
    const data = new Uint8ClampedArray(64 * 32 * 4).map((_, i) => [200, 100, 50, 255][i % 4]);
    const draw = frames.take({ data, width: 64, height: 32 });
    const pixel = await drawn(draw);
    for (const [x, y] of [
      [0, 0],
      [63, 31],
      [20, 9],
    ])
      expectColor(pixel(x, y), [200, 100, 50]);
    frames.dispose();
  });
});

test('every case of every operator has a kernel for workgroups of 128', async () => {
  const limits = { ...PORTABLE_DEVICE.limits, maxComputeInvocationsPerWorkgroup: 128, maxComputeWorkgroupSizeX: 128 };
  for (const testCase of allCases) {
    const { graph } = caseGraph(testCase);
    const { profile: asked = PORTABLE_DEVICE.profile } = testCase;
    const profile = typeof asked === 'function' ? asked(8) : asked;
    const kernels = await loadKernels(graph);
    const plan = makePlan(graph, kernels, { precision: 'f32', device: { profile, limits } });
    expect(plan.steps.every(({ candidates }) => candidates.length > 0)).toBe(true);
  }
});
