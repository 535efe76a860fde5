import { bytes, floats, grid, ints, model, node, wave } from './onnx-example-parts';
import type { ModelSpec } from './onnx-file';
import { REGION_MODELS } from './onnx-region-examples';

/** Operators that the importer writes as several of the Graph's. */

const three = (name: string, ...values: number[]) => ({ [name]: values });

export const COMPOSITION_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  ...REGION_MODELS,
  [
    'Trilu: an upper and a lower triangle, shifted, and of one constant a causal mask',
    model(
      14,
      [2, 4, 5],
      [
        node('Trilu', 'x one', 'u'),
        node('Trilu', 'x minus', 'l', { upper: 0 }),
        node('Trilu', 'mask', 't', { upper: 0 }),
        node('Mul', 'l t', 'm'),
        node('Add', 'u m', 'y'),
      ],
      [grid('one', [], [1]), grid('minus', [], [-1]), wave('mask', [4, 5])],
    ),
  ],
  [
    'batch normalisation in training mode, with its running statistics',
    model(
      15,
      [2, 3, 4, 5],
      [node('BatchNormalization', 'x s b m v', 'y rm rv', { training_mode: 1, momentum: { f: 0.7 } })],
      [wave('s', [3]), wave('b', [3]), wave('m', [3]), floats('v', 1, 2, 3)],
      ['y', 'rm', 'rv'],
    ),
  ],
  [
    'convolution over a volume: groups, strides, dilations and padding of each axis',
    model(
      17,
      [2, 4, 5, 6, 7],
      [
        node('Conv', 'x w b', 'c', {
          group: 2,
          ...three('strides', 2, 1, 2),
          ...three('dilations', 1, 2, 1),
          pads: [1, 0, 2, 2, 1, 0],
        }),
        node('Conv', 'c p', 'y', { auto_pad: 'SAME_LOWER', ...three('strides', 2, 2, 1) }),
      ],
      [wave('w', [6, 2, 3, 2, 3]), wave('b', [6]), wave('p', [2, 6, 2, 3, 2])],
    ),
  ],
  [
    'transposed convolution over a volume, by its padding and by its output shape',
    model(
      17,
      [1, 4, 3, 4, 3],
      [
        node('ConvTranspose', 'x w b', 'y', {
          group: 2,
          ...three('strides', 2, 1, 3),
          ...three('dilations', 1, 2, 1),
          ...three('output_padding', 1, 0, 2),
          pads: [1, 0, 0, 0, 1, 1],
        }),
        node('ConvTranspose', 'x w', 'z', { group: 2, ...three('strides', 2, 2, 1), output_shape: [5, 8, 3] }),
      ],
      [wave('w', [4, 3, 2, 3, 2]), wave('b', [6])],
      ['y', 'z'],
    ),
  ],
  [
    'pooling over a volume: greatest, mean with and without padding, and the norm, with its last window cut short',
    model(
      19,
      [1, 2, 5, 6, 7],
      [
        node('MaxPool', 'x', 'a', { kernel_shape: [2, 3, 2], strides: [2, 2, 1], pads: [0, 1, 1, 1, 1, 0] }),
        node('AveragePool', 'x', 'b', {
          kernel_shape: [3, 2, 3],
          strides: [2, 2, 2],
          pads: [1, 0, 1, 1, 1, 1],
          ceil_mode: 1,
        }),
        node('AveragePool', 'x', 'c', { kernel_shape: [3, 1, 2], pads: [1, 0, 0, 1, 0, 1], count_include_pad: 1 }),
        node('LpPool', 'x', 'd', { kernel_shape: [2, 2, 2], strides: [2, 1, 2], p: 2 }),
        node('AveragePool', 'x', 'e', { kernel_shape: [3, 1, 1], pads: [1, 0, 0, 1, 0, 0] }),
      ],
      [],
      ['a', 'b', 'c', 'd', 'e'],
    ),
  ],
  [
    'Col2Im of windows that overlap, over a picture and over a signal',
    model(
      18,
      [2, 12, 12],
      [
        node('Col2Im', 'x size block', 'y', { pads: [0, 1, 1, 0], strides: [1, 2], dilations: [2, 1] }),
        node('Col2Im', 'x signal pair', 'z', {}),
      ],
      [ints('size', 6, 7), ints('block', 3, 2), ints('signal', 13), ints('pair', 2)],
      ['y', 'z'],
    ),
  ],
  [
    'MaxUnpool of what MaxPool found, into a picture of the least size and of a given one',
    model(
      11,
      [2, 3, 4, 6],
      [
        node('MaxPool', 'x', 'p i', { kernel_shape: [2, 2], strides: [2, 2] }),
        node('MaxUnpool', 'p i', 'y', { kernel_shape: [2, 2], strides: [2, 2] }),
        node('MaxUnpool', 'p i larger', 'z', { kernel_shape: [2, 2], strides: [2, 2] }),
      ],
      [ints('larger', 2, 3, 5, 8)],
      ['y', 'z'],
    ),
  ],
  [
    'AffineGrid in both conventions, with the picture sampled there',
    model(
      20,
      [2, 3, 5, 6],
      [
        node('AffineGrid', 'theta size', 'g', { align_corners: 0 }),
        node('AffineGrid', 'theta size', 'h', { align_corners: 1 }),
        node('GridSample', 'x g', 'y', { align_corners: 0 }),
        node('AffineGrid', 'theta3 volume', 'v'),
      ],
      [wave('theta', [2, 2, 3]), wave('theta3', [1, 3, 4]), ints('size', 2, 3, 4, 7), ints('volume', 1, 1, 2, 3, 4)],
      ['g', 'h', 'y', 'v'],
    ),
  ],
  [
    'DeformConv with groups of channels and of offsets, a mask and a bias',
    model(
      19,
      [2, 4, 6, 7],
      [
        node('DeformConv', 'x w o b m', 'y', {
          group: 2,
          offset_group: 2,
          kernel_shape: [3, 2],
          strides: [2, 1],
          dilations: [1, 2],
          pads: [1, 0, 1, 1],
        }),
      ],
      [wave('w', [6, 2, 3, 2]), wave('o', [2, 24, 3, 6], 2), wave('b', [6]), wave('m', [2, 12, 3, 6])],
    ),
  ],
  [
    'Einsum with an ellipsis, broadcasting, a repeated letter, and no arrow',
    model(
      17,
      [2, 3, 4, 5],
      [
        node('Einsum', 'x w', 'a', { equation: '...si,...id->...sd' }),
        node('Einsum', 'x one', 'b', { equation: 'b...i, ...i -> ...b' }),
        node('Einsum', 'square', 'c', { equation: 'ii...->...i' }),
        node('Einsum', 'square', 'd', { equation: 'iij->j' }),
        node('Einsum', 'x w', 'e', { equation: '...ab,...bc' }),
      ],
      [wave('w', [1, 3, 5, 2]), wave('one', [1, 4, 5]), wave('square', [3, 3, 4])],
      ['a', 'b', 'c', 'd', 'e'],
    ),
  ],
  [
    'DFT: forward and back, of half a signal, longer than a signal and shorter, before opset 20',
    model(
      17,
      [2, 3, 10, 1],
      [
        node('DFT', 'x', 'a', { axis: 2 }),
        node('DFT', 'a', 'b', { axis: 1, inverse: 1 }),
        node('DFT', 'x', 'c', { axis: 2, onesided: 1 }),
        node('DFT', 'x longer', 'd', { axis: 2 }),
        node('DFT', 'a shorter', 'e', { axis: 2 }),
      ],
      [grid('longer', [], [13]), grid('shorter', [], [7])],
      ['a', 'b', 'c', 'd', 'e'],
    ),
  ],
  [
    'DFT of lengths that are split into factors: 4096, 1024, and back',
    model(
      20,
      [1, 4096, 1],
      [node('DFT', 'x', 'a'), node('DFT', 'x quarter', 'h', { onesided: 1 }), node('DFT', 'a', 'back', { inverse: 1 })],
      [grid('quarter', [], [1024])],
      ['a', 'h', 'back'],
    ),
  ],
  [
    'padding that wraps around, and repeats the edge, on one side of an axis that is cropped on the other',
    model(
      19,
      [2, 6],
      [
        node('Pad', 'x p', 'a', { mode: 'wrap' }),
        node('Pad', 'x q', 'b', { mode: 'wrap' }),
        node('Pad', 'x q', 'c', { mode: 'edge' }),
        node('Pad', 'x p nan', 'd'),
      ],
      [ints('p', 0, -1, 1, 5), ints('q', 0, 3, 0, -2), { name: 'nan', type: 1, dims: [], floats: [Number.NaN] }],
      ['a', 'b', 'c', 'd'],
    ),
  ],
  [
    'mean and variance normalisation of numbers far from zero, and quantisation of zeros',
    model(
      13,
      [1, 2, 8, 8],
      [
        node('Add', 'x far', 'a'),
        node('MeanVarianceNormalization', 'a', 'y'),
        node('Sub', 'x x', 'zero'),
        node('DynamicQuantizeLinear', 'zero', 'q s p'),
      ],
      [{ name: 'far', type: 1, dims: [], floats: [100] }],
      ['y', 's'],
    ),
  ],
  [
    'weights that are quantised in blocks, the last one not full, and a value quantised so in between',
    model(
      21,
      [3, 7],
      [
        node('DequantizeLinear', 'w ws wz', 'd', { axis: 0, block_size: 3 }),
        node('MatMul', 'x d', 'y'),
        node('QuantizeLinear', 'x xs xz', 'q', { axis: 1, block_size: 4 }),
        node('DequantizeLinear', 'q xs xz', 'z', { axis: 1, block_size: 4 }),
      ],
      [
        bytes('w', 3, [7, 2], 5, -7, 100, -128, 3, 0, 9, 8, 127, -1, 4, 2, 6, -3),
        { ...floats('ws', 0.1, 0.2, 0.05, 0.3, 0.02, 0.4), dims: [3, 2] },
        bytes('wz', 3, [3, 2], 1, 2, -3, 4, 5, -6),
        { ...floats('xs', 0.03, 0.02, 0.04, 0.05, 0.03, 0.02), dims: [3, 2] },
        bytes('xz', 3, [3, 2], 0, 1, 2, 3, -4, 5),
      ],
      ['y', 'z'],
    ),
  ],
  [
    'Resize by a scale whose product is whole in float32 alone',
    model(
      19,
      [1, 2, 10, 9],
      [node('Resize', 'x n s', 'y', { mode: 'linear' })],
      [{ ...floats('n'), dims: [0] }, floats('s', 1, 1, 1.3, 0.7)],
      ['y'],
    ),
  ],
  ...(['linear', 'nearest'] as const).map(
    (mode) =>
      [
        `GridSample of a volume, ${mode}, with zeros, its border and its reflection outside`,
        model(
          20,
          [2, 3, 4, 5, 6],
          [
            node('GridSample', 'x g', 'a', { mode }),
            node('GridSample', 'x g', 'b', { mode, padding_mode: 'border', align_corners: 1 }),
            node('GridSample', 'x g', 'c', { mode, padding_mode: 'reflection' }),
            node('GridSample', 'x g', 'd', { mode, padding_mode: 'reflection', align_corners: 1 }),
          ],
          [wave('g', [2, 3, 2, 4, 3], 1.7)],
          ['a', 'b', 'c', 'd'],
        ),
      ] as const,
  ),
  [
    'MaxPool with indices over a volume, over its slices alone, and over a signal',
    model(
      12,
      [2, 3, 4, 5, 6],
      [
        node('MaxPool', 'x', 'p i', { kernel_shape: [2, 3, 2], strides: [2, 1, 2], pads: [1, 0, 1, 0, 1, 1] }),
        node('MaxPool', 'x', 'q j', { kernel_shape: [3, 1, 1], dilations: [1, 1, 1] }),
        node('Reshape', 'x signal', 's'),
        node('MaxPool', 's', 'r k', { kernel_shape: [3], strides: [2] }),
        node('MaxPool', 'x', 'p1 i1', { kernel_shape: [2, 2, 2], storage_order: 1 }),
        node('Cast', 'i1', 'i1f', { to: 1 }),
        node('MaxPool', 's', 'r1 k1', { kernel_shape: [3], strides: [2], storage_order: 1 }),
        ...[...'ijk'].map((name) => node('Cast', name, `${name}f`, { to: 1 })),
        node('Cast', 'k1', 'k1f', { to: 1 }),
      ],
      [ints('signal', 2, 12, 30)],
      ['p', 'if', 'q', 'jf', 'r', 'kf', 'k1f', 'i1f'],
    ),
  ],
  [
    'weights of four bits, signed and not, with zero points of four bits, and values cast to four bits',
    model(
      21,
      [3, 7],
      [
        node('DequantizeLinear', 'w ws wz', 'd', { axis: 0, block_size: 4 }),
        node('MatMul', 'x d', 'y'),
        node('DequantizeLinear', 'u us uz', 'z', { axis: 0 }),
        node('QuantizeLinear', 'x us4', 'q', { axis: 0, output_dtype: 22 }),
        node('DequantizeLinear', 'q us4', 'r', { axis: 0 }),
        // ONNX Runtime rounds to four bits where ONNX cuts off.
        node('Round', 'x', 'whole'),
        node('Cast', 'whole', 'c', { to: 22 }),
        node('Cast', 'c', 'f', { to: 1 }),
      ],
      [
        // 14 values in 7 bytes.
        { name: 'w', type: 22, dims: [7, 2], raw: Uint8Array.of(0x8f, 0x21, 0x70, 0x9a, 0x3c, 0x5d, 0xe4) },
        { ...floats('ws', 0.1, 0.2, 0.05, 0.3), dims: [2, 2] },
        { name: 'wz', type: 22, dims: [2, 2], raw: Uint8Array.of(0xf1, 0x2e) },
        { name: 'u', type: 21, dims: [3, 3], raw: Uint8Array.of(0x8f, 0x21, 0x70, 0x9a, 0x0c) },
        floats('us', 0.5, 0.25, 2),
        { name: 'uz', type: 21, dims: [3], raw: Uint8Array.of(0x3f, 0x07) },
        floats('us4', 0.4, 0.2, 0.7),
      ],
      ['y', 'z', 'r', 'f'],
    ),
  ],
  [
    'Einsum of integers, of a number and a matrix, of four operands, and of a trace',
    model(
      17,
      [3, 4],
      [
        node('Cast', 'x', 'i', { to: 6 }),
        node('Einsum', 'i i', 'p', { equation: 'ij,kj->ik' }),
        node('Cast', 'p', 'a', { to: 1 }),
        node('Einsum', 'one x', 'b', { equation: ',ij->ji' }),
        node('Einsum', 'x x x x', 'c', { equation: 'ij,kj,kl,ml->im' }),
        node('Einsum', 'square', 'd', { equation: 'ii->' }),
        node('Einsum', 'x v', 'e', { equation: 'ij,j->i' }),
        node('Einsum', 'x x', 'f', { equation: 'ij,kl->' }),
        node('Einsum', 'x x', 'g', { equation: 'ij,ij->ij' }),
      ],
      [wave('square', [4, 4]), wave('v', [4]), { name: 'one', type: 1, dims: [], floats: [1.5] }],
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    ),
  ],
];
