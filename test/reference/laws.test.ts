import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import type { Padding, Pair } from '../../src/operators/window';
import { runReference } from '../../src/reference';
import { type Shape, sizeOf, Tensor } from '../../src/tensor';
import { Random } from '../support/random';

/** Laws that tie operators to each other, whatever the shapes. A failure prints its seed and the smallest case. */

const size = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
const pair = (most: number): fc.Arbitrary<Pair> => fc.tuple(size(most), size(most));
const shape = fc.array(size(4), { minLength: 1, maxLength: 4 });
const counting = (dims: Shape): Tensor =>
  Tensor.float32(
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
  );

/** Runs what `build` adds behind an input of `x`. */
function through(x: Tensor, build: (b: GraphBuilder, x: string) => string): Tensor {
  const b = new GraphBuilder('law');
  const output = build(b, b.input('x', x.shape));
  return runReference(b.build([output]), { x }).get(output)!;
}

const dot = (a: Tensor, b: Tensor): number => Array.from(a.data).reduce((sum, v, i) => sum + v * b.data[i], 0);

describe('laws of the references', () => {
  it('transposed convolution is the adjoint of convolution: ⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩', () => {
    const cases = fc.record({
      groups: size(3),
      channels: pair(3),
      picture: fc.tuple(size(9), size(9)),
      kernel: pair(4),
      stride: pair(3),
      dilation: pair(3),
      padding: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ groups, channels: [c, o], picture, kernel, stride, dilation, padding, seed }) => {
        const [top, left, bottom, right] = padding;
        const before = [top, left];
        const after = [bottom, right];
        const span = picture.map((d, i) => d + before[i] + after[i] - dilation[i] * (kernel[i] - 1) - 1);
        fc.pre(span.every((s) => s >= 0));
        const random = new Random(seed);
        const x = random.tensor([2, c * groups, ...picture]);
        const weight = random.tensor([o * groups, c, ...kernel]);
        const window = { ...NO_EPILOGUE, stride, dilation, padding: [top, left, bottom, right] as Padding, groups };
        const forward = through(x, (b, input) => {
          const bias = b.constant('bias', Tensor.float32([o * groups]));
          return b.add('conv2d', [input, b.constant('weight', weight), bias], window)[0];
        });
        const y = random.tensor(forward.shape);
        const outputPadding: Pair = [span[0] % stride[0], span[1] % stride[1]];
        const backward = through(y, (b, input) => {
          const bias = b.constant('bias', Tensor.float32([c * groups]));
          return b.add('conv-transpose2d', [input, b.constant('weight', weight), bias], {
            ...window,
            outputPadding,
          })[0];
        });
        expect(backward.shape).toEqual(x.shape);
        // Both sides sum the same products; each of the outputs was rounded to float32 once.
        const bound = 2 ** -22 * (Math.sqrt(dot(forward, forward) * dot(y, y)) + dot(x, x) + 1);
        expect(Math.abs(dot(forward, y) - dot(x, backward))).toBeLessThan(bound);
      }),
    );
  });

  it('a 1×1 convolution is a matrix product over channels', () => {
    fc.assert(
      fc.property(size(5), size(5), pair(4), fc.nat(), (c, o, [h, w], seed) => {
        const random = new Random(seed);
        const x = random.tensor([1, c, h, w]);
        const weight = random.tensor([o, c]);
        const byConvolution = through(x, (b, input) => {
          const inputs = [
            input,
            b.constant('weight', weight.reshape([o, c, 1, 1])),
            b.constant('bias', Tensor.float32([o])),
          ];
          const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
          return b.add('conv2d', inputs, { ...NO_EPILOGUE, ...window })[0];
        });
        const byProduct = through(
          x.reshape([c, h * w]),
          (b, input) => b.add('matmul', [b.constant('weight', weight), input], {})[0],
        );
        expect(byConvolution.data).toEqual(byProduct.data);
      }),
    );
  });

  it('concatenation puts together what split took apart', () => {
    fc.assert(
      fc.property(shape, fc.nat(), fc.nat(), (dims, axisSeed, cutSeed) => {
        const x = counting(dims);
        const axis = axisSeed % dims.length;
        const cut = cutSeed % (dims[axis] + 1);
        const y = through(x, (b, input) => {
          const parts = b.add('split', [input], { axis, sizes: [cut, dims[axis] - cut] });
          return b.add('concat', parts, { axis })[0];
        });
        expect(y).toEqual(x);
      }),
    );
  });

  it('a slice takes away what padding put around', () => {
    const margins = shape.chain((dims) =>
      fc.tuple(
        fc.constant(dims),
        fc.tuple(...dims.map(() => fc.nat(3))),
        fc.tuple(...dims.map(() => fc.nat(3))),
        fc.constantFrom('constant', 'edge', 'wrap'),
      ),
    );
    fc.assert(
      fc.property(margins, ([dims, before, after, mode]) => {
        const x = counting(dims);
        const y = through(x, (b, input) => {
          const [padded] = b.add('pad', [input], { mode, before, after, value: -1 });
          return b.add('slice', [padded], { starts: before, steps: dims.map(() => 1), sizes: dims })[0];
        });
        expect(y).toEqual(x);
      }),
    );
  });

  it('the inverse permutation undoes a transposition', () => {
    const permuted = shape.chain((dims) =>
      fc.tuple(
        fc.constant(dims),
        fc.shuffledSubarray([...dims.keys()], { minLength: dims.length, maxLength: dims.length }),
      ),
    );
    fc.assert(
      fc.property(permuted, ([dims, permutation]) => {
        const x = counting(dims);
        const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
        const y = through(x, (b, input) => {
          const [turned] = b.add('transpose', [input], { permutation });
          return b.add('transpose', [turned], { permutation: inverse })[0];
        });
        expect(y).toEqual(x);
      }),
    );
  });

  it('depth to space undoes space to depth', () => {
    fc.assert(
      fc.property(pair(3), pair(3), size(3), ([n, c], [h, w], blockSize) => {
        const x = counting([n, c, h * blockSize, w * blockSize]);
        const y = through(x, (b, input) => {
          const [deep] = b.add('space-to-depth', [input], { blockSize });
          return b.add('depth-to-space', [deep], { blockSize, mode: 'dcr' })[0];
        });
        expect(y).toEqual(x);
      }),
    );
  });

  it('two backward slices give the original', () => {
    fc.assert(
      fc.property(shape, (dims) => {
        const x = counting(dims);
        const backwards = { starts: dims.map((d) => d - 1), steps: dims.map(() => -1), sizes: dims };
        const y = through(x, (b, input) => {
          const [reversed] = b.add('slice', [input], backwards);
          return b.add('slice', [reversed], backwards)[0];
        });
        expect(y).toEqual(x);
      }),
    );
  });

  it('expanding is adding to zeros of the new shape, and tiling a row of copies is concatenating them', () => {
    fc.assert(
      fc.property(shape, size(3), (dims, copies) => {
        const x = counting(dims);
        const wide = [copies, ...dims];
        const expanded = through(x, (b, input) => b.add('expand', [input], { shape: wide })[0]);
        const added = through(
          x,
          (b, input) => b.add('binary', [input, b.constant('zeros', Tensor.float32(wide))], { fn: 'add' })[0],
        );
        expect(expanded).toEqual(added);
        const repeats = dims.map((_, axis) => (axis === 0 ? copies : 1));
        const tiled = through(x, (b, input) => b.add('tile', [input], { repeats })[0]);
        const joined = through(x, (b, input) => b.add('concat', Array<string>(copies).fill(input), { axis: 0 })[0]);
        expect(tiled).toEqual(joined);
      }),
    );
  });
});
