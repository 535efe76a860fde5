import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError, DeviceLostError, DisposedError } from '../../src/errors';
import { TextureUsage } from '../../src/gpu/flags';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import type { PictureSpec, RawPicture } from '../../src/picture';
import { pictureToTensor } from '../../src/reference/picture';
import { toPixels } from '../../src/tasks/cpu-picture-model';
import type { Picture } from '../../src/tasks/picture';
import { PictureModel } from '../../src/tasks/picture-model';
import type { PictureRun } from '../../src/tasks/task';
import { expectClose } from '../support/expect-close';
import { Random } from '../support/random';

let engine: Engine | undefined;
const getEngine = async (): Promise<Engine> => {
  engine ??= await Engine.create({ gpu: await createNodeGpu() });
  return engine;
};
afterAll(() => engine?.dispose());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const NEGATED = { ...NO_ACTIVATION, fn: 'neg' } as const;
const spec: PictureSpec = { size: [12, 16], fit: 'squash', mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };

function randomPicture(width: number, height: number, opaque = true) {
  const random = new Random(width * height);
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    opaque && i % 4 === 3 ? 255 : Math.floor(random.next() * 256),
  );
  return { data, width, height };
}

/** A network that hands its picture back. */
async function echo(spec: PictureSpec, channelsLast = false, on?: Engine): Promise<PictureModel> {
  const builder = new GraphBuilder('echo');
  const [height, width] = spec.size;
  const x = builder.input('picture', channelsLast ? [1, height, width, 3] : [1, 3, height, width]);
  const outputs = builder.add('unary', [x], NEGATED, 'y');
  return PictureModel.load(on ?? (await getEngine()), builder.build(outputs), spec);
}

/** Weights are rounded to float32 and added in another order: about the square root of the taps, in ulp. */
const ROUNDING = { absolute: 2e-5 };

function expectSeen(outputs: PictureRun['outputs'], picture: RawPicture, spec: PictureSpec): void {
  const { shape, data } = pictureToTensor(picture, spec);
  expectClose(outputs.get('y')!, { shape, data: data.map((value) => -value) }, ROUNDING);
}

async function expectSame(picture: { data: Uint8Array; width: number; height: number }, spec: PictureSpec) {
  const model = await echo(spec);
  const { outputs, placement } = await model.run(picture);
  expect([placement.width, placement.height]).toEqual([picture.width, picture.height]);
  expectSeen(outputs, picture, spec);
  model.dispose();
}

for (const fit of ['squash', 'crop', 'letterbox'] as const) {
  for (const [width, height] of [
    [40, 30],
    [7, 5],
    [8, 8],
    [1, 1],
    [301, 17],
    [16, 12],
  ]) {
    test(`a picture of ${width} × ${height} is fitted by ${fit} as the reference does`, async () => {
      await expectSame(randomPicture(width, height), { ...spec, fit });
    });
  }
}

test('what is transparent is seen over white', async () => {
  await expectSame(randomPicture(33, 21, false), spec);
});

test('channel order, bars, alignment and a narrower crop are respected', async () => {
  await expectSame(randomPicture(50, 20), {
    ...spec,
    fit: 'letterbox',
    channels: 'bgr',
    bars: 0.25,
    align: 'top-left',
  });
  await expectSame(randomPicture(50, 20), { ...spec, fit: 'crop', keep: 0.8 });
});

test('an input with channels last gets the same picture', async () => {
  const picture = randomPicture(40, 30);
  const model = await echo(spec, true);
  const { outputs } = await model.run(picture);
  const expected = pictureToTensor(picture, spec).data;
  const [height, width] = spec.size;
  const pixels = height * width;
  const channelsLast = expected.map((_, i) => -expected[(i % 3) * pixels + Math.floor(i / 3)]);
  expectClose(outputs.get('y')!, { shape: [1, height, width, 3], data: channelsLast }, ROUNDING);
});

test('pictures of changing size take turns without mixing', async () => {
  const model = await echo(spec);
  const pictures = [randomPicture(40, 30), randomPicture(20, 10), randomPicture(40, 30), randomPicture(9, 9)];
  const runs = await Promise.all(pictures.map((picture) => model.run(picture)));
  for (const [i, picture] of pictures.entries()) expectSeen(runs[i].outputs, picture, spec);
});

test('a picture whose bytes do not match its size is refused by name', async () => {
  const model = await echo(spec);
  const wrong = { data: new Uint8Array(10), width: 4, height: 4 };
  await expect(model.run(wrong)).rejects.toThrow('a picture of 4 × 4 needs 64 bytes of RGBA, got 10');
  await expect(model.run({ data: new Uint8Array(0), width: 0, height: 0 })).rejects.toThrow(ArgumentError);
});

test('a picture of other numbers than bytes, or of half a pixel, is refused', async () => {
  const model = await echo(spec);
  const run = (data: unknown, width = 4) => model.run({ data, width, height: 4 } as Picture);
  const bytes = new Uint8Array(64).fill(9);
  for (const data of [Float32Array.from(bytes), Uint16Array.from(bytes), [...bytes], null, undefined]) {
    await expect(run(data)).rejects.toThrow(
      /^a picture of 4 × 4 needs 64 bytes of RGBA, got (Float32Array|Uint16Array|Array|null|undefined)$/,
    );
  }
  await expect(run(new Uint8Array(72), 4.5)).rejects.toThrow(ArgumentError);
  const answers = await Promise.all([run(bytes), run(bytes.buffer)]);
  expect(answers[1].outputs).toEqual(answers[0].outputs);
});

test('a picture that is wider than a texture may be is made smaller, and keeps its size in the placement', async () => {
  const model = await echo({ ...spec, fit: 'squash' });
  const [width, height] = [9001, 2];
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i / 4 / width) * 90));
  const { outputs, placement } = await model.run({ data, width, height });
  expect([placement.width, placement.height]).toEqual([width, height]);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  const expected = pictureToTensor({ data, width, height }, { ...spec, fit: 'squash' });
  expect(mean([...outputs.values()][0].data)).toBeCloseTo(-mean(expected.data), 1);
});

test('a picture is that of the moment of the call, on a new device after a loss as well', async () => {
  const model = await echo(spec);
  const data = new Uint8Array(64).fill(200);
  const expected = (await model.run({ data: data.slice(), width: 4, height: 4 })).outputs;
  for (const isLost of [false, true]) {
    if (isLost) {
      model.engine.device.destroy();
      await model.engine.device.lost;
    }
    const run = model.run({ data, width: 4, height: 4 });
    data.fill(0);
    expect((await run).outputs).toEqual(expected);
    data.fill(200);
  }
});

test("a texture of the engine's device is read where it is, at each run anew", async () => {
  const model = await echo(spec);
  const { device } = model.engine;
  const [first, second] = [randomPicture(9, 7), { ...randomPicture(9, 7), data: new Uint8Array(252).fill(77) }];
  const usage = TextureUsage.TEXTURE_BINDING | TextureUsage.COPY_DST;
  const texture = device.createTexture({ size: [9, 7], format: 'rgba8unorm', usage });
  for (const { data } of [first, second]) {
    device.queue.writeTexture({ texture }, data as Uint8Array<ArrayBuffer>, { bytesPerRow: 36 }, [9, 7]);
    const { outputs, placement } = await model.run(texture);
    expect([placement.width, placement.height]).toEqual([9, 7]);
    expectSeen(outputs, { ...first, data }, spec);
  }
  model.dispose();
});

test('a texture that is no picture is refused by name', async () => {
  const model = await echo(spec);
  const { device } = model.engine;
  const make = (changed: Partial<GPUTextureDescriptor>): GPUTexture =>
    device.createTexture({ size: [4, 4], format: 'rgba8unorm', usage: TextureUsage.TEXTURE_BINDING, ...changed });
  for (const [changed, message] of [
    [{ format: 'rgba8unorm-srgb' }, 'got rgba8unorm-srgb'],
    [{ usage: TextureUsage.COPY_DST }, 'must have the usage TEXTURE_BINDING, has 2'],
    [{ size: [4, 4, 2] }, 'got 2d, 2 and 1'],
  ] as const) {
    await expect(model.run(make(changed as Partial<GPUTextureDescriptor>))).rejects.toThrow(message);
  }
  await expect(toPixels(make({}))).rejects.toThrow('a picture for an Engine alone');
});

test('what is no picture is refused by name', async () => {
  const model = await echo(spec);
  for (const wrong of ['photo.jpg', null]) {
    await expect(model.run(wrong as unknown as Picture)).rejects.toThrow(`{ data, width, height }, got ${wrong}`);
  }
});

/** Decoding ends when the returned function is called. */
function stubBitmap(bytes: number) {
  const bitmap = { data: new Uint8Array(bytes), width: 4, height: 4, close: vi.fn() };
  let decoded = (): void => {};
  const decoding = new Promise((resolve) => {
    decoded = () => resolve(bitmap);
  });
  vi.stubGlobal('createImageBitmap', () => decoding);
  return { bitmap, decoded };
}

test('what a file was decoded to is given back, even when it cannot be taken', async () => {
  const model = await echo(spec);
  for (const bytes of [64, 10]) {
    const { bitmap, decoded } = stubBitmap(bytes);
    decoded();
    const run = model.run(new Blob([]));
    await (bytes === 64 ? run : expect(run).rejects.toThrow(ArgumentError));
    expect(bitmap.close).toHaveBeenCalledTimes(1);
  }
  model.dispose();
});

test('a network that is disposed of while its picture is decoded says so, makes nothing more and troubles no other', async () => {
  const [model, other] = [await echo(spec), await echo(spec)];
  const { bitmap, decoded } = stubBitmap(64);
  const run = model.run(new Blob([]));
  await new Promise((resolve) => setTimeout(resolve));
  const createTexture = vi.spyOn((await getEngine()).device, 'createTexture');
  model.dispose();
  decoded();
  await expect(run).rejects.toThrow(DisposedError);
  expect(bitmap.close).toHaveBeenCalledTimes(1);
  expect(createTexture).not.toHaveBeenCalled();
  await other.run(randomPicture(4, 4));
  other.dispose();
});

test('a picture of another size than the network takes is refused when it is loaded', async () => {
  const builder = new GraphBuilder('wide');
  const outputs = builder.add('unary', [builder.input('picture', [1, 3, 16, 12])], NEGATED, 'y');
  const failed = PictureModel.load(await getEngine(), builder.build(outputs), spec);
  await expect(failed).rejects.toThrow(
    'input "picture" [1, 3, 16, 12] takes pictures of 12 × 16, but is given 16 × 12',
  );
});

test('a network whose input is no picture is refused by name', async () => {
  const builder = new GraphBuilder('vector');
  const outputs = builder.add('unary', [builder.input('x', [7])], { ...NO_ACTIVATION, fn: 'neg' });
  const failed = PictureModel.load(await getEngine(), builder.build(outputs), spec);
  await expect(failed).rejects.toThrow(/input "x" must be float32 \[1, 3, H, W\] or \[1, H, W, 3\]/);
});

test('the picture on its way in counts as memory of its model', async () => {
  const model = await echo(spec);
  await model.run(randomPicture(40, 30));
  const small = model.model.memoryBytes;
  await model.run(randomPicture(80, 60));
  expect(model.model.memoryBytes - small).toBe((80 * 60 - 40 * 30) * 4);
  model.dispose();
});

/** A device is lost at once, but says so only when the work that it was given has ended. */
test('a picture that was on its way when the device was lost is a DeviceLostError, and may be asked for again', async () => {
  const own = await Engine.create({ gpu: await createNodeGpu() });
  const model = await echo(spec, false, own);
  const { device } = own;
  const submit = device.queue.submit.bind(device.queue);
  device.queue.submit = (buffers) => {
    submit(buffers);
    device.destroy();
  };
  const picture = randomPicture(40, 30);
  await expect(model.run(picture)).rejects.toThrow(DeviceLostError);
  expect((await model.run(picture)).outputs.get('y')!.size).toBe(3 * 12 * 16);
  own.dispose();
});

test('a picture that is still decoded when others are answered on a new device is a DeviceLostError, too', async () => {
  const own = await Engine.create({ gpu: await createNodeGpu() });
  const model = await echo(spec, false, own);
  const { bitmap, decoded } = stubBitmap(64);
  const early = model.run(new Blob([]));
  await new Promise((resolve) => setTimeout(resolve));
  own.device.destroy();
  await own.device.lost;
  await model.run(randomPicture(40, 30));
  decoded();
  await expect(early).rejects.toThrow(DeviceLostError);
  expect(bitmap.close).toHaveBeenCalledTimes(1);
  await model.run(randomPicture(40, 30));
  own.dispose();
});

test('after the device is lost the next pictures, several at once, are answered on a new one', async () => {
  const gpu = await createNodeGpu();
  const own = await Engine.create({ gpu });
  const model = await echo(spec, false, own);
  own.device.destroy();
  await own.device.lost;
  const picture = randomPicture(40, 30);
  for (const { outputs } of await Promise.all([model.run(picture), model.run(picture)])) {
    expectSeen(outputs, picture, spec);
  }
  own.dispose();
});
