import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { gridSample } from '../../src/reference/grid-sample';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';
import { node } from './onnx-example-parts';
import { onnxFile } from './onnx-file';

/** ONNX Runtime samples volumes linearly alone. */
describe('cubic GridSample over a volume', () => {
  const sizes = [4, 5, 6];
  const points = 40;
  const random = new Random(11);
  const volume = random.tensor([1, 1, ...sizes], -1, 1);

  it.each(
    (['zeros', 'border', 'reflection'] as const).flatMap((padding) =>
      [false, true].flatMap((align) => [0, 1, 2].map((axis) => [padding, align, axis] as const)),
    ),
  )(
    'with %s and align_corners %s is that over a picture at the places of slices of axis %i',
    (padding, align, axis) => {
      const length = sizes[axis];
      const coordinate = (slice: number): number =>
        align ? (2 * slice) / (length - 1) - 1 : (2 * slice + 1) / length - 1;
      const flat = random.tensor([length, 1, points, 2], -1.4, 1.4);
      const grid = Tensor.float32([1, length, 1, points, 3]);
      for (let i = 0; i < length * points; i++) {
        // x, y, z: the last axis first.
        const places = [flat.data[2 * i], flat.data[2 * i + 1]];
        places.splice(2 - axis, 0, coordinate(Math.floor(i / points)));
        grid.data.set(places, 3 * i);
      }
      const file = onnxFile({
        opset: 22,
        inputs: [
          { name: 'x', dims: volume.shape },
          { name: 'g', dims: grid.shape },
        ],
        outputs: ['y'],
        nodes: [node('GridSample', 'x g', 'y', { mode: 'cubic', padding_mode: padding, align_corners: Number(align) })],
      });
      const y = runReference(importOnnx(file), { x: volume, g: grid }).get('y')!;
      const [height, width] = sizes.toSpliced(axis, 1);
      const attributes = { mode: 'cubic', padding, alignCorners: align } as const;
      for (let slice = 0; slice < length; slice++) {
        const picture = Tensor.float32([1, 1, height, width]);
        for (let i = 0; i < picture.size; i++) {
          const at = [Math.floor(i / width), i % width];
          at.splice(axis, 0, slice);
          picture.data[i] = volume.data[(at[0] * sizes[1] + at[1]) * sizes[2] + at[2]];
        }
        const own = Tensor.float32([1, 1, points, 2], flat.data.slice(slice * points * 2, (slice + 1) * points * 2));
        const expected = gridSample([picture, own], attributes, [[1, 1, 1, points]]) as Tensor;
        for (let i = 0; i < points; i++) expect(y.data[slice * points + i]).toBeCloseTo(expected.data[i], 4);
      }
    },
  );
});
