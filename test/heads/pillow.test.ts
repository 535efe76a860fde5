import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { GraphBuilder } from '../../src/graph/builder';
import type { PictureSpec } from '../../src/picture';
import { pictureToTensor } from '../../src/reference/picture';
import { PictureModel } from '../../src/tasks/picture-model';

interface Pixels {
  readonly pixels: string;
}

/** What `make-goldens/pictures.py` wrote: bytes of red, green and blue as hexadecimal numbers. */
const goldens: {
  readonly pictures: readonly (Pixels & { readonly width: number; readonly height: number })[];
  readonly cases: readonly (Pixels &
    Pick<PictureSpec, 'fit' | 'filter' | 'size' | 'keep'> & { readonly picture: number })[];
} = JSON.parse(readFileSync('test/heads/goldens/pictures.json', 'utf8'));

const bytes = ({ pixels }: Pixels): Uint8Array => new Uint8Array(Buffer.from(pixels, 'hex'));

const pictures = goldens.pictures.map(({ width, height, ...rest }) => {
  const rgb = bytes(rest);
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)],
  );
  return { data, width, height };
});

/** The greatest difference in whole levels of 255, planes against pixels. */
function difference(
  planes: ArrayLike<number>,
  { size: [height, width], ...rest }: (typeof goldens.cases)[number],
): number {
  const expected = bytes(rest);
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const value = planes[(i % 3) * height * width + Math.floor(i / 3)] * 255;
    most = Math.max(most, Math.abs(Math.round(value) - expected[i]));
  }
  return most;
}

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

describe('pictures as Pillow, torchvision and Ultralytics prepare them', () => {
  it.each(goldens.cases)('picture $picture, $fit of $keep, $filter', async (golden) => {
    const { fit, filter, size, keep, picture } = golden;
    const spec = {
      fit,
      filter,
      size,
      wholePixels: true,
      keep,
      bars: 114 / 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    } as const;
    // Pillow rounds to a level after each of its two passes.
    expect(difference(pictureToTensor(pictures[picture], spec).data, golden)).toBeLessThanOrEqual(1);

    const builder = new GraphBuilder('as it is');
    const x = builder.input('picture', [1, 3, ...size]);
    const graph = builder.build(builder.add('unary', [x], { fn: 'identity', alpha: 0, beta: 0 }, 'seen'));
    const model = await PictureModel.load(engine, graph, spec);
    const { outputs } = await model.run(pictures[picture]);
    expect(difference(outputs.get('seen')!.data, golden)).toBeLessThanOrEqual(1);
    model.dispose();
  });
});
