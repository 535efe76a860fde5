import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { SegmentationMask } from '../../src/tasks/image-segmenter';

const engine = await Engine.create({ gpu: await createNodeGpu() });
afterAll(() => engine.dispose());
afterEach(() => {
  vi.unstubAllGlobals();
});

const LABELS = ['background', 'cat', 'dog'];
const mask = (): SegmentationMask => new SegmentationMask(3, 2, LABELS, Uint8Array.of(0, 1, 2, 2, 9, 0), engine);

test('classes are counted, largest first, background and what has no label left out', () => {
  expect(mask().areas()).toEqual([
    { label: 'dog', index: 2, pixels: 2 },
    { label: 'cat', index: 1, pixels: 1 },
  ]);
});

test('a mask as a picture has a colour for each class, and is transparent where there is none', () => {
  class FakeImageData {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  }
  vi.stubGlobal('ImageData', FakeImageData);
  const { data, width, height } = mask().toImageData((index) => [10 * index, 20 * index, 30 * index]);
  const [none, cat, dog] = [
    [0, 0, 0, 0],
    [10, 20, 30, 255],
    [20, 40, 60, 255],
  ];
  expect([width, height]).toEqual([3, 2]);
  expect([...data]).toEqual([none, cat, dog, dog, none, none].flat());
});

test('the texture is made once, and anew on a new device', async () => {
  const picture = mask();
  const { texture } = picture;
  expect(picture.texture).toBe(texture);
  engine.device.destroy();
  await engine.device.lost;
  await engine.connection();
  expect(picture.texture).not.toBe(texture);
  expect([picture.texture.width, picture.texture.height]).toEqual([3, 2]);
  picture.dispose();
});
