import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { MaskDecoder } from '../../src/gpu/segment-mask';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import type { Pair } from '../../src/operators/window';
import { type PictureSpec, placePicture } from '../../src/picture';
import { segmentMask } from '../../src/reference/segment-mask';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());

const INPUT: Pair = [14, 18];
const spec = (fit: PictureSpec['fit']): PictureSpec => ({ size: INPUT, fit, mean: [0, 0, 0], std: [1, 1, 1] });

/** Logits through the GPU, and the classes of pictures of these sizes, asked for one after the other or at once. */
async function decode(
  logits: Tensor,
  fit: PictureSpec['fit'],
  sizes: readonly Pair[],
  atOnce = false,
): Promise<Uint8Array[]> {
  const builder = new GraphBuilder('logits');
  const x = builder.input('x', logits.shape);
  const model = await engine.load(builder.build(builder.add('unary', [x], { ...NO_ACTIVATION, fn: 'neg' }, 'logits')));
  const session = await model.session();
  const decoder = await MaskDecoder.create(session, 'logits');
  const masks: Promise<Uint8Array>[] = [];
  for (const [height, width] of sizes) {
    session.write({
      x: Tensor.float32(
        logits.shape,
        logits.data.map((v) => -v),
      ),
    });
    const encoder = session.device.createCommandEncoder();
    session.encode(encoder);
    const read = decoder.encode(encoder, placePicture(width, height, spec(fit)));
    session.device.queue.submit([encoder.finish()]);
    masks.push(read());
    if (!atOnce) await masks.at(-1);
  }
  const classes = await Promise.all(masks);
  decoder.dispose();
  model.dispose();
  return classes;
}

test('logits that lie row-major are refused instead of misread', async () => {
  const builder = new GraphBuilder('rows');
  const x = builder.input('x', [1, 6, 63]);
  const logits = builder.add('reshape', [x], { shape: [1, 6, 7, 9] }, 'logits');
  const model = await engine.load(builder.build(logits));
  await expect(MaskDecoder.create(await model.session(), 'logits')).rejects.toThrow(
    '"logits" is written row-major by reshape',
  );
  model.dispose();
});

describe.each(['squash', 'crop', 'letterbox'] as const)('a mask of a picture fitted by %s', (fit) => {
  test.each([false, true])(
    'gives every pixel the class that the reference gives, at any size (at once: %s)',
    async (atOnce) => {
      const logits = new Random(3).tensor([1, 6, 7, 9], -3, 3);
      const sizes: Pair[] = [
        [20, 33],
        [7, 9],
        [1, 1],
        [61, 5],
        [20, 33],
      ];
      const masks = await decode(logits, fit, sizes, atOnce);
      for (const [i, [height, width]] of sizes.entries()) {
        const expected = segmentMask(logits, placePicture(width, height, spec(fit)));
        expect(masks[i].length).toBe(height * width);
        // Where two classes are equal to a rounding error either may win.
        const different = masks[i].filter((index, p) => index !== expected[p]).length;
        expect(different).toBeLessThanOrEqual(Math.floor(0.002 * expected.length));
      }
    },
  );
});

test('equal logits give the lowest class', async () => {
  const [mask] = await decode(Tensor.float32([1, 5, 7, 9]), 'squash', [[13, 11]]);
  expect(new Set(mask)).toEqual(new Set([0]));
});
