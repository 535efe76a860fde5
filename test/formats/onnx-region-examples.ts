import { floats, ints, model, node } from './onnx-example-parts';
import type { ModelSpec } from './onnx-file';

/** RoiAlign, of which the importer makes several operators of the Graph's. */
export const REGION_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'RoiAlign of regions in several pictures, some reaching outside, in the older and the newer convention',
    model(
      16,
      [2, 3, 6, 8],
      [
        node('RoiAlign', 'x r i', 'y', {
          output_height: 3,
          output_width: 2,
          sampling_ratio: 2,
          spatial_scale: { f: 0.5 },
        }),
        node('RoiAlign', 'x r i', 'z', {
          output_height: 2,
          output_width: 4,
          sampling_ratio: 3,
          coordinate_transformation_mode: 'output_half_pixel',
        }),
      ],
      [
        {
          ...floats('r', 0, 0, 7, 5, -4, -3, 9, 9, 3, 1, 3.2, 1.4, 5, 2, 30, 20),
          dims: [4, 4],
        },
        ints('i', 1, 0, 0, 1),
      ],
      ['y', 'z'],
    ),
  ],
  [
    'RoiAlign whose regions have a sample for each pixel, small, large, reaching outside and empty',
    model(
      16,
      [2, 3, 19, 23],
      [
        node('RoiAlign', 'x r i', 'y', { output_height: 3, output_width: 2 }),
        node('RoiAlign', 'x r i', 'z', {
          output_height: 2,
          output_width: 4,
          spatial_scale: { f: 0.5 },
          coordinate_transformation_mode: 'output_half_pixel',
        }),
      ],
      [
        {
          ...floats('r', 0.5, 1, 22.3, 18.2, -6, -5, 30, 29, 2, 2, 2.5, 2.5, 4, 3, 1, 1, 7, 2, 13, 17),
          dims: [5, 4],
        },
        { name: 'i', type: 7, dims: [5], int64s: [0, 1, 1, 0, 1] },
      ],
      ['y', 'z'],
    ),
  ],
  [
    'RoiAlign that takes the greatest sample, in both conventions',
    model(
      16,
      [2, 3, 6, 8],
      [
        node('RoiAlign', 'x r i', 'y', { output_height: 3, output_width: 2, sampling_ratio: 2, mode: 'max' }),
        node('RoiAlign', 'x r i', 'z', {
          output_height: 2,
          output_width: 4,
          sampling_ratio: 3,
          spatial_scale: { f: 0.5 },
          mode: 'max',
          coordinate_transformation_mode: 'output_half_pixel',
        }),
      ],
      [
        { ...floats('r', 0.5, 1, 6.3, 5.2, -3, -2, 4, 9, 2, 2, 2.5, 2.5), dims: [3, 4] },
        { name: 'i', type: 7, dims: [3], int64s: [0, 1, 1] },
      ],
      ['y', 'z'],
    ),
  ],
];
