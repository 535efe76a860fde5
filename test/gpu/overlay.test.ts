import { expect, test } from 'vitest';
import { BufferUsage, MAP_READ_MODE, TextureUsage } from '../../src/gpu/flags';
import { layoutStrides, type TensorDesc, toLayout } from '../../src/gpu/layout';
import { drawBoxes, drawMasks, type TensorSource } from '../../src/gpu/overlay';
import { type PictureSpec, placePicture } from '../../src/picture';
import { segmentMask } from '../../src/reference/segment-mask';
import { paletteColor } from '../../src/tasks/palette';
import { Tensor } from '../../src/tensor';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';

const FORMAT = 'rgba8unorm';
const spec: PictureSpec = { size: [24, 32], fit: 'letterbox', mean: [0, 0, 0], std: [1, 1, 1] };

async function upload(data: Float32Array | Int32Array) {
  const { acquired } = await testDevice();
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_DST;
  const buffer = acquired.device.createBuffer({ size: Math.max(16, data.byteLength), usage });
  acquired.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
  return { buffer, offset: 0, size: buffer.size };
}

async function source({ shape, data }: Tensor<'float32'>, layout: TensorDesc['layout']): Promise<TensorSource> {
  const desc = {
    value: 'x',
    root: 'x',
    dtype: 'float32',
    shape,
    layout,
    offset: 0,
    strides: layoutStrides(shape, layout),
  } as const;
  return { desc, range: await upload(toLayout(data, shape, layout)), precision: 'f32' };
}

/** Draws on a black canvas and reads its pixels back. */
async function drawn(width: number, height: number, draw: (pass: GPURenderPassEncoder) => void) {
  const { device } = (await testDevice()).acquired;
  const texture = device.createTexture({
    size: [width, height],
    format: FORMAT,
    usage: TextureUsage.RENDER_ATTACHMENT | TextureUsage.COPY_SRC,
  });
  const bytesPerRow = Math.ceil((width * 4) / 256) * 256;
  const copy = device.createBuffer({ size: bytesPerRow * height, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginRenderPass({
    colorAttachments: [{ view: texture.createView(), loadOp: 'clear', storeOp: 'store', clearValue: [0, 0, 0, 1] }],
  });
  draw(pass);
  pass.end();
  encoder.copyTextureToBuffer({ texture }, { buffer: copy, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(MAP_READ_MODE);
  const bytes = new Uint8Array(copy.getMappedRange().slice(0));
  texture.destroy();
  copy.destroy();
  return (x: number, y: number): number[] => [...bytes.subarray(y * bytesPerRow + x * 4, y * bytesPerRow + x * 4 + 3)];
}

/** 8-bit rounding on the way, once in the colour and once in the blending. */
const expectColor = (actual: readonly number[], expected: readonly number[]): void => {
  for (const [c, value] of expected.entries()) expect(Math.abs(actual[c] - value)).toBeLessThanOrEqual(2);
};

test('the mask is drawn in the colours and at the pixels that the reference names', async () => {
  const { pipelines } = await testDevice();
  const random = new Random(7);
  const logits = Tensor.float32(
    [1, 6, 9, 12],
    Float32Array.from({ length: 6 * 9 * 12 }, () => random.next()),
  );
  const mask = await drawMasks(pipelines, await source(logits, 'nhwc4'), FORMAT);
  const [width, height] = [70, 41];
  const placement = placePicture(width, height, spec);
  const pixel = await drawn(width, height, (pass) => mask.draw(pass, placement, { opacity: 0.5 }));
  const classes = segmentMask(logits, placement);
  let wrong = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = classes[y * width + x];
      const expected = index === 0 ? [0, 0, 0] : paletteColor(index).map((c) => c / 2);
      if (pixel(x, y).some((c, k) => Math.abs(c - expected[k]) > 2)) wrong++;
    }
  }
  // Where two classes are equally likely but for rounding, either may win.
  expect(wrong).toBeLessThanOrEqual(0.002 * width * height);
  expect(new Set(classes).size).toBeGreaterThan(3);
  mask.dispose();
});

test('boxes are drawn where they are in the picture, those that count and score enough', async () => {
  const { pipelines } = await testDevice();
  const rows = [
    [0.25, 0.25, 0.75, 0.75, 0.9, 3],
    [0.0, 0.4, 0.1, 0.6, 0.2, 5], // below the threshold
    [0.9, 0.4, 1.0, 0.6, 0.9, 5], // does not count
  ];
  const detections = await source(Tensor.float32([3, 6], rows.flat()), 'linear');
  const boxes = await drawBoxes(pipelines, detections, await upload(Int32Array.of(2)), FORMAT);
  // As wide as the input but half as high: the picture takes the middle half of it, so that the box covers its height.
  const [width, height] = [128, 48];
  const placement = placePicture(width, height, spec);
  const pixel = await drawn(width, height, (pass) => boxes.draw(pass, placement, { threshold: 0.5 }));
  const middle = height / 2;
  expectColor(pixel(32, middle), paletteColor(3));
  expectColor(pixel(95, middle), paletteColor(3));
  expectColor(pixel(64, 0), paletteColor(3));
  expectColor(pixel(64, height - 1), paletteColor(3));
  for (const x of [0, 12, 20, 64, 110, 116, 127]) expect(pixel(x, middle)).toEqual([0, 0, 0]);
  boxes.dispose();
});
