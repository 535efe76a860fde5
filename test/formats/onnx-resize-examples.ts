import { floats, ints, model, node, wave } from './onnx-example-parts';
import type { ModelSpec } from './onnx-file';

const RESIZE = { mode: 'linear', coordinate_transformation_mode: 'align_corners' } as const;

/** Resizing and sampling as every operator set and exporter writes them. */
export const RESIZE_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'Resize of opset 10, linear, up',
    model(10, [1, 2, 3, 4], [node('Resize', 'x s', 'y', { mode: 'linear' })], [floats('s', 1, 1, 2, 1.5)]),
  ],
  [
    'Resize of opset 11 with an empty roi and sizes behind empty scales',
    model(
      11,
      [1, 2, 3, 4],
      [node('Resize', 'x roi none sizes', 'y', RESIZE)],
      [floats('roi'), floats('none'), ints('sizes', 1, 2, 7, 9)],
    ),
  ],
  [
    'Resize of opset 13 with PyTorch’s half pixels, cubic',
    model(
      13,
      [1, 1, 4, 5],
      [
        node('Resize', 'x - scales', 'y', {
          mode: 'cubic',
          cubic_coeff_a: { f: -0.75 },
          coordinate_transformation_mode: 'pytorch_half_pixel',
        }),
      ],
      [floats('scales', 1, 1, 2, 2)],
    ),
  ],
  [
    'Resize of opset 11 to the nearest by floor, as YOLO’s necks are written',
    model(
      11,
      [1, 2, 3, 3],
      [
        node('Resize', 'x roi scales', 'y', {
          mode: 'nearest',
          nearest_mode: 'floor',
          coordinate_transformation_mode: 'asymmetric',
        }),
      ],
      [floats('roi'), floats('scales', 1, 1, 2, 2)],
    ),
  ],
  [
    'Resize of opset 18 with a policy of proportions beside scales, as PyTorch’s exporter writes it',
    model(
      18,
      [1, 2, 3, 3],
      [
        node('Resize', 'x - scales', 'y', {
          mode: 'nearest',
          nearest_mode: 'floor',
          coordinate_transformation_mode: 'asymmetric',
          keep_aspect_ratio_policy: 'stretch',
        }),
      ],
      [floats('scales', 1, 1, 2, 2)],
    ),
  ],
  [
    'Resize of opset 18 with antialiasing over named axes',
    model(
      18,
      [1, 2, 9, 8],
      [node('Resize', 'x - - sizes', 'y', { mode: 'linear', antialias: 1, axes: [2, 3] })],
      [ints('sizes', 4, 5)],
    ),
  ],
  [
    'TensorFlow’s NHWC resize between transposes',
    model(
      11,
      [1, 3, 4, 2],
      [
        node('Transpose', 'x', 't', { perm: [0, 3, 1, 2] }),
        node('Resize', 't roi scales', 'r', { mode: 'linear' }),
        node('Transpose', 'r', 'y', { perm: [0, 2, 3, 1] }),
      ],
      [floats('roi'), floats('scales', 1, 1, 2, 2)],
    ),
  ],
  // Points on and around the picture.
  ...(['bilinear', 'nearest', 'bicubic'] as const).flatMap((mode) =>
    (['zeros', 'border', 'reflection'] as const).map((padding_mode): [string, ModelSpec] => [
      `GridSample of opset 16, ${mode}, ${padding_mode}`,
      model(
        16,
        [2, 3, 4, 5],
        [
          node('GridSample', 'x points', 'a', { mode, padding_mode }),
          node('GridSample', 'x points', 'y', { mode, padding_mode, align_corners: 1 }),
        ],
        [wave('points', [2, 4, 3, 2], 1.6)],
        ['a', 'y'],
      ),
    ]),
  ),
  [
    'GridSample of opset 20, with its new names for modes, along a grid that the network makes',
    model(
      20,
      [1, 2, 5, 2],
      [
        node('Reshape', 'x shape', 'points'),
        node('Tanh', 'points', 'grid'),
        node('GridSample', 'picture grid', 'a', { mode: 'linear' }),
        node('GridSample', 'picture grid', 'y', { mode: 'cubic' }),
      ],
      [ints('shape', 1, 2, 5, 2), wave('picture', [1, 3, 4, 6])],
      ['a', 'y'],
    ),
  ],
];
