import type { ModelSpec, TensorSpec } from './onnx-file';
import { FLOAT, INT64 } from './onnx-file';

/** Small networks, one for each way that exporters write things; for fuzzing and for comparison with ONNX Runtime. */

const wave = (name: string, dims: readonly number[], scale = 1): TensorSpec => {
  const size = dims.reduce((product, d) => product * d, 1);
  return { name, type: FLOAT, dims, floats: Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.7 + 0.4)) };
};
const ints = (name: string, ...values: (number | bigint)[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [values.length],
  int64s: values,
});
const floats = (name: string, ...values: number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims: [values.length],
  floats: values,
});
const bytes = (name: string, type: number, dims: readonly number[], ...values: number[]): TensorSpec => ({
  name,
  type,
  dims,
  int32s: values,
});
const scalar = (name: string, value: number): TensorSpec => ({ name, type: FLOAT, dims: [], floats: [value] });
const x = (...dims: number[]) => [{ name: 'x', dims }];

const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;

export const EXAMPLE_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'a convolution, batch normalisation and a dense layer',
    {
      opset: 9,
      inputs: x(1, 3, 7, 8),
      outputs: ['y'],
      initializers: [
        wave('w', [4, 3, 3, 3]),
        wave('scale', [4]),
        wave('shift', [4]),
        wave('mean', [4]),
        floats('variance', 1, 2, 0.5, 3),
        wave('fc', [5, 4]),
        wave('fcb', [5]),
      ],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
        { op: 'BatchNormalization', inputs: ['c', 'scale', 'shift', 'mean', 'variance'], outputs: ['b'] },
        { op: 'Clip', inputs: ['b'], outputs: ['r'], attributes: { min: { f: 0 }, max: { f: 6 } } },
        { op: 'GlobalAveragePool', inputs: ['r'], outputs: ['g'] },
        { op: 'Flatten', inputs: ['g'], outputs: ['f'] },
        { op: 'Gemm', inputs: ['f', 'fc', 'fcb'], outputs: ['y'], attributes: { transB: 1, alpha: { f: 0.5 } } },
      ],
    },
  ],
  [
    'a Shape–Gather–Concat–Reshape chain and a transpose',
    {
      opset: 11,
      inputs: x(2, 6, 3, 4),
      outputs: ['y'],
      initializers: [ints('zero', 0), ints('rest', -1, 2)],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [0, 2, 3, 1] } },
        { op: 'Shape', inputs: ['x'], outputs: ['s'] },
        { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
        { op: 'Concat', inputs: ['n', 'rest'], outputs: ['to'], attributes: { axis: 0 } },
        { op: 'Reshape', inputs: ['t', 'to'], outputs: ['y'] },
      ],
    },
  ],
  [
    'pixel shuffle and channel shuffle written as Reshape–Transpose–Reshape',
    {
      opset: 11,
      inputs: x(1, 8, 3, 4),
      outputs: ['y', 'c'],
      initializers: [
        ints('six', 1, 2, 2, 2, 3, 4),
        ints('picture', 1, 2, 6, 8),
        ints('five', 1, 2, 4, 3, 4),
        ints('back', 1, 8, 3, 4),
      ],
      nodes: [
        { op: 'Reshape', inputs: ['x', 'six'], outputs: ['r6'] },
        { op: 'Transpose', inputs: ['r6'], outputs: ['t6'], attributes: { perm: [0, 1, 4, 2, 5, 3] } },
        { op: 'Reshape', inputs: ['t6', 'picture'], outputs: ['y'] },
        { op: 'Reshape', inputs: ['x', 'five'], outputs: ['r5'] },
        { op: 'Transpose', inputs: ['r5'], outputs: ['t5'], attributes: { perm: [0, 2, 1, 3, 4] } },
        { op: 'Reshape', inputs: ['t5', 'back'], outputs: ['c'] },
      ],
    },
  ],
  [
    'a squeeze-and-excite gate and a hard-swish, written out',
    {
      opset: 13,
      inputs: x(2, 4, 5, 6),
      outputs: ['y'],
      initializers: [
        wave('down', [2, 4, 1, 1]),
        wave('up', [4, 2, 1, 1]),
        scalar('zero', 0),
        scalar('three', 3),
        scalar('six', 6),
      ],
      nodes: [
        { op: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: [2, 3], keepdims: 1 } },
        { op: 'Conv', inputs: ['m', 'down'], outputs: ['d'] },
        { op: 'Relu', inputs: ['d'], outputs: ['r'] },
        { op: 'Conv', inputs: ['r', 'up'], outputs: ['u'] },
        { op: 'HardSigmoid', inputs: ['u'], outputs: ['s'] },
        { op: 'Mul', inputs: ['x', 's'], outputs: ['gated'] },
        { op: 'Add', inputs: ['gated', 'three'], outputs: ['a'] },
        { op: 'Clip', inputs: ['a', 'zero', 'six'], outputs: ['c'] },
        { op: 'Mul', inputs: ['gated', 'c'], outputs: ['p'] },
        { op: 'Div', inputs: ['p', 'six'], outputs: ['y'] },
      ],
    },
  ],
  [
    'padding written as Concat with zeros, and a max pooling in ceil mode',
    {
      opset: 12,
      inputs: x(1, 2, 5, 5),
      outputs: ['y'],
      initializers: [ints('shape', 1, 2, 1, 5), wave('w', [2, 1, 3, 3])],
      nodes: [
        { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['zeros'] },
        { op: 'Concat', inputs: ['zeros', 'x'], outputs: ['p'], attributes: { axis: 2 } },
        { op: 'Conv', inputs: ['p', 'w'], outputs: ['c'], attributes: { group: 2, pads: [0, 1, 1, 0] } },
        {
          op: 'MaxPool',
          inputs: ['c'],
          outputs: ['y'],
          attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
        },
      ],
    },
  ],
  [
    'slices and pads with attributes, as before opset 10',
    {
      opset: 8,
      inputs: x(1, 3, 6, 6),
      outputs: ['y'],
      nodes: [
        { op: 'Slice', inputs: ['x'], outputs: ['s'], attributes: { axes: [2, -1], starts: [1, -4], ends: [99, -1] } },
        { op: 'Pad', inputs: ['s'], outputs: ['y'], attributes: { pads: [0, 0, 1, 2, 0, 0, 0, 1], mode: 'reflect' } },
      ],
    },
  ],
  [
    'linear upsampling of opset 9',
    {
      opset: 9,
      inputs: x(1, 2, 3, 4),
      outputs: ['y'],
      initializers: [floats('scales', 1, 1, 2, 2)],
      nodes: [{ op: 'Upsample', inputs: ['x', 'scales'], outputs: ['y'], attributes: { mode: 'linear' } }],
    },
  ],
  [
    'nearest upsampling of opset 7',
    {
      opset: 7,
      inputs: x(1, 2, 3, 4),
      outputs: ['y'],
      initializers: [floats('unused', 1)],
      nodes: [
        {
          op: 'Upsample',
          inputs: ['x'],
          outputs: ['y'],
          attributes: { mode: 'nearest', scales: { fs: [1, 1, 2, 3] } },
        },
      ],
    },
  ],
  [
    'nearest shrinking of opset 10',
    {
      opset: 10,
      inputs: x(1, 1, 8, 9),
      outputs: ['y'],
      initializers: [floats('scales', 1, 1, 0.5, 0.34)],
      nodes: [{ op: 'Resize', inputs: ['x', 'scales'], outputs: ['y'] }],
    },
  ],
  [
    'a resize of a signal, of rank 3',
    {
      opset: 13,
      inputs: x(1, 2, 7),
      outputs: ['y'],
      initializers: [ints('sizes', 1, 2, 11)],
      nodes: [{ op: 'Resize', inputs: ['x', '', '', 'sizes'], outputs: ['y'], attributes: { mode: 'linear' } }],
    },
  ],
  [
    'softmax over flattened axes, as before opset 13',
    {
      opset: 11,
      inputs: x(2, 3, 4),
      outputs: ['y'],
      nodes: [{ op: 'Softmax', inputs: ['x'], outputs: ['y'] }],
    },
  ],
  [
    'a transposed convolution with an output shape',
    {
      opset: 11,
      inputs: x(1, 2, 4, 5),
      outputs: ['y'],
      initializers: [wave('w', [2, 3, 3, 3]), wave('b', [3])],
      nodes: [
        {
          op: 'ConvTranspose',
          inputs: ['x', 'w', 'b'],
          outputs: ['y'],
          attributes: { strides: [2, 2], output_shape: [8, 10], auto_pad: 'SAME_UPPER' },
        },
      ],
    },
  ],
  [
    'a quantised convolution between QuantizeLinear and DequantizeLinear',
    {
      opset: 13,
      inputs: x(1, 2, 5, 5),
      outputs: ['y'],
      initializers: [
        scalar('xs', 0.02),
        bytes('xz', UINT8, [], 128),
        floats('ws', 0.01, 0.03),
        bytes('wz', INT8, [2], 0, 0),
        bytes('w', INT8, [2, 2, 1, 1], 100, -50, 3, 127),
      ],
      nodes: [
        { op: 'QuantizeLinear', inputs: ['x', 'xs', 'xz'], outputs: ['q'] },
        { op: 'DequantizeLinear', inputs: ['q', 'xs', 'xz'], outputs: ['d'] },
        { op: 'DequantizeLinear', inputs: ['w', 'ws', 'wz'], outputs: ['dw'], attributes: { axis: 0 } },
        { op: 'Conv', inputs: ['d', 'dw'], outputs: ['y'] },
      ],
    },
  ],
  [
    'QLinearConv with a bias and an output in uint8',
    {
      opset: 13,
      inputs: x(1, 2, 5, 5),
      outputs: ['y'],
      initializers: [
        scalar('xs', 0.02),
        bytes('xz', UINT8, [], 128),
        floats('ws', 0.01, 0.03),
        bytes('wz', INT8, [2], 0, 0),
        bytes('w', INT8, [2, 2, 1, 1], 100, -50, 3, 127),
        bytes('b', INT32, [2], 1000, -300),
        scalar('ys', 0.05),
        bytes('yz', UINT8, [], 120),
      ],
      nodes: [
        { op: 'QuantizeLinear', inputs: ['x', 'xs', 'xz'], outputs: ['q'] },
        { op: 'QLinearConv', inputs: ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], outputs: ['r'] },
        { op: 'DequantizeLinear', inputs: ['r', 'ys', 'yz'], outputs: ['y'] },
      ],
    },
  ],
  [
    'dynamic quantisation: DynamicQuantizeLinear, MatMulInteger and ConvInteger',
    {
      opset: 11,
      inputs: x(1, 2, 4, 4),
      outputs: ['y', 'z'],
      initializers: [
        bytes('w', INT8, [4, 3], ...Array.from({ length: 12 }, (_, i) => i * 9 - 50)),
        bytes('k', UINT8, [1, 2, 2, 2], ...Array.from({ length: 8 }, (_, i) => i * 30)),
        bytes('kz', UINT8, [], 101),
      ],
      nodes: [
        { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'zero'] },
        { op: 'MatMulInteger', inputs: ['q', 'w', 'zero'], outputs: ['m'] },
        { op: 'Cast', inputs: ['m'], outputs: ['f'], attributes: { to: FLOAT } },
        { op: 'Mul', inputs: ['f', 's'], outputs: ['y'] },
        { op: 'ConvInteger', inputs: ['q', 'k', 'zero', 'kz'], outputs: ['c'] },
        { op: 'Cast', inputs: ['c'], outputs: ['z'], attributes: { to: FLOAT } },
      ],
    },
  ],
  [
    'anchors made of Range, Expand and arithmetic',
    {
      opset: 13,
      inputs: x(1, 6, 2),
      outputs: ['y'],
      initializers: [
        { name: 'from', type: INT64, dims: [], int64s: [0] },
        { name: 'to', type: INT64, dims: [], int64s: [3] },
        { name: 'by', type: INT64, dims: [], int64s: [1] },
        ints('rows', 2, 3),
        ints('all', 6),
        ints('last', 1),
      ],
      nodes: [
        { op: 'Range', inputs: ['from', 'to', 'by'], outputs: ['r'] },
        { op: 'Expand', inputs: ['r', 'rows'], outputs: ['grid'] },
        { op: 'Reshape', inputs: ['grid', 'all'], outputs: ['flat'] },
        { op: 'Cast', inputs: ['flat'], outputs: ['float'], attributes: { to: FLOAT } },
        { op: 'Unsqueeze', inputs: ['float', 'last'], outputs: ['column'] },
        { op: 'Add', inputs: ['x', 'column'], outputs: ['y'] },
      ],
    },
  ],
  [
    'the smaller normalisations',
    {
      opset: 18,
      inputs: x(2, 4, 3, 3),
      outputs: ['y', 'l', 'n'],
      initializers: [wave('scale', [2]), wave('shift', [2]), wave('s3', [3]), wave('b3', [3])],
      nodes: [
        { op: 'GroupNormalization', inputs: ['x', 'scale', 'shift'], outputs: ['y'], attributes: { num_groups: 2 } },
        { op: 'LayerNormalization', inputs: ['x', 's3', 'b3'], outputs: ['l'] },
        { op: 'LpNormalization', inputs: ['x'], outputs: ['n'], attributes: { axis: 1, p: 1 } },
      ],
    },
  ],
  [
    'integers: Mod, Div and Where',
    {
      opset: 13,
      inputs: x(2, 3),
      outputs: ['y'],
      initializers: [ints('a', -7, 7, 5), ints('b', 3, -3, 2)],
      nodes: [
        { op: 'Cast', inputs: ['x'], outputs: ['i'], attributes: { to: INT64 } },
        { op: 'Add', inputs: ['i', 'a'], outputs: ['sum'] },
        { op: 'Mod', inputs: ['sum', 'b'], outputs: ['m'] },
        { op: 'Div', inputs: ['sum', 'b'], outputs: ['d'] },
        { op: 'Less', inputs: ['m', 'd'], outputs: ['c'] },
        { op: 'Where', inputs: ['c', 'm', 'd'], outputs: ['w'] },
        { op: 'Cast', inputs: ['w'], outputs: ['y'], attributes: { to: FLOAT } },
      ],
    },
  ],
];
