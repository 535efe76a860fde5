import { floats, ints, model, node, scalar, wave } from './onnx-example-parts';
import { FLOAT, type ModelSpec } from './onnx-file';

const BN = [wave('s', [4]), wave('b', [4]), wave('m', [4]), floats('v', 1, 2, 0.5, 3)];

/** What exporters of several years wrote for the operators of vision networks: one small network for each way. */
export const EXPORTER_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  // AlexNet, GoogLeNet and CaffeNet.
  ...[7, 13].map((opset): [string, ModelSpec] => [
    `local response normalisation, opset ${opset}`,
    model(
      opset,
      [1, 7, 4, 5],
      [node('LRN', 'x', 'y', { size: 5, alpha: { f: 0.9 }, beta: { f: 0.75 }, bias: { f: 1.5 } })],
    ),
  ]),
  [
    'local response normalisation of a batch, with its defaults',
    model(9, [2, 6, 3, 3], [node('LRN', 'x', 'y', { size: 3 })]),
  ],
  ...[5, 7].map((size): [string, ModelSpec] => [
    `local response normalisation over ${size} of two channels`,
    model(13, [1, 2, 3, 3], [node('LRN', 'x', 'y', { size, alpha: { f: 0.9 } })]),
  ]),
  [
    'PyTorch’s local response normalisation: a volume, averaged over its depth alone',
    model(
      11,
      [1, 6, 3, 4],
      [
        node('Mul', 'x x', 'q'),
        node('Unsqueeze', 'q', 'u', { axes: [1] }),
        node('Pad', 'u pads', 'p'),
        node('AveragePool', 'p', 'a', { kernel_shape: [5, 1, 1], strides: [1, 1, 1], pads: [0, 0, 0, 0, 0, 0] }),
        node('Squeeze', 'a', 's', { axes: [1] }),
        node('Mul', 's alpha', 'm'),
        node('Add', 'm k', 'k1'),
        node('Pow', 'k1 beta', 'd'),
        node('Div', 'x d', 'y'),
      ],
      [ints('pads', 0, 0, 2, 0, 0, 0, 0, 2, 0, 0), scalar('alpha', 0.5), scalar('k', 2), scalar('beta', 0.75)],
    ),
  ],
  [
    'Caffe’s grouped convolution, dropout with a mask that nobody reads, and a dense layer with a scaled bias',
    model(
      7,
      [1, 4, 6, 6],
      [
        node('Conv', 'x w cb', 'c', { group: 2, pads: [2, 2, 2, 2], kernel_shape: [5, 5], strides: [2, 2] }),
        node('Relu', 'c', 'r'),
        node('MaxPool', 'r', 'p', { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }),
        node('Reshape', 'p to', 'f'),
        node('Dropout', 'f', 'd mask', { ratio: { f: 0.5 } }),
        node('Gemm', 'd fc fb', 'y', { transB: 1, beta: { f: 2 }, alpha: { f: 0.25 } }),
      ],
      [wave('w', [6, 2, 5, 5]), wave('cb', [6]), ints('to', 0, -1), wave('fc', [5, 6]), wave('fb', [5])],
    ),
  ],
  [
    'a dense layer with A transposed and a bias per row',
    model(11, [3, 2], [node('Gemm', 'x w c', 'y', { transA: 1 })], [wave('w', [3, 4]), wave('c', [2, 1])]),
  ],
  // ArcFace.
  [
    'PReLU with a slope per channel, batch normalisation that is spatial, identity',
    model(
      8,
      [1, 4, 3, 3],
      [
        node('BatchNormalization', 'x s b m v', 'n', { epsilon: { f: 2e-5 }, momentum: { f: 0.9 }, spatial: 1 }),
        node('PRelu', 'n slope', 'p'),
        node('Identity', 'p', 'y'),
      ],
      [...BN, wave('slope', [4, 1, 1])],
    ),
  ],
  [
    'batch normalisation of a matrix, after a flattening from the end',
    model(13, [2, 2, 2], [node('Flatten', 'x', 'f', { axis: -2 }), node('BatchNormalization', 'f s b m v', 'y')], BN),
  ],
  // Fast neural style.
  ...(
    [
      [7, 'attributes', { scales: { fs: [1, 1, 2, 2] } }, 'x'],
      [9, 'an input', {}, 'x scales'],
    ] as const
  ).map(([opset, how, attributes, inputs]): [string, ModelSpec] => [
    `instance normalisation, reflection padding, and upsampling by ${how}`,
    model(
      opset,
      [1, 2, 4, 5],
      [
        node('Upsample', inputs, 'u', { mode: 'nearest', ...attributes }),
        node('Pad', 'u', 'p', { mode: 'reflect', pads: [0, 0, 2, 2, 0, 0, 2, 2] }),
        node('Conv', 'p w', 'c'),
        node('InstanceNormalization', 'c s b', 'y', { epsilon: { f: 1e-5 } }),
      ],
      [wave('w', [3, 2, 5, 5]), wave('s', [3]), wave('b', [3]), ...(opset >= 9 ? [floats('scales', 1, 1, 2, 2)] : [])],
    ),
  ]),
  // MobileNetV3 and EfficientNet.
  [
    'hard-swish as HardSigmoid and Mul, opset 13',
    model(13, [1, 3, 4, 4], [node('HardSigmoid', 'x', 's', { alpha: { f: 1 / 6 } }), node('Mul', 'x s', 'y')]),
  ],
  [
    'hard-swish as Add, Clip, Mul and Div, opset 9',
    model(
      9,
      [1, 3, 4, 4],
      [
        node('Add', 'x three', 'a'),
        node('Clip', 'a', 'c', { min: { f: 0 }, max: { f: 6 } }),
        node('Mul', 'x c', 'p'),
        node('Div', 'p six', 'y'),
      ],
      [scalar('three', 3), scalar('six', 6)],
    ),
  ],
  [
    'swish as Sigmoid and Mul with the gate in front, and its squeeze by ReduceMean with an input',
    model(
      18,
      [1, 4, 5, 5],
      [
        node('Sigmoid', 'x', 's'),
        node('Mul', 's x', 'a'),
        node('ReduceMean', 'a axes', 'm', { keepdims: 1 }),
        node('Conv', 'm w', 'c'),
        node('Sigmoid', 'c', 'g'),
        node('Mul', 'g a', 'y'),
      ],
      [ints('axes', -1, -2), wave('w', [4, 4, 1, 1])],
    ),
  ],
  // ShuffleNet and DenseNet.
  [
    'splits by attribute, in equal parts, by input and by number',
    model(
      11,
      [1, 6, 3],
      [
        node('Split', 'x', 'a b', { axis: 1, split: [2, 4] }),
        node('Split', 'b', 'c d', { axis: 1 }),
        node('Concat', 'd a c', 'y', { axis: -2 }),
      ],
    ),
  ],
  [
    'a split into parts of which the last is smaller, opset 18',
    model(
      18,
      [1, 7, 2],
      [node('Split', 'x', 'a b c', { axis: 1, num_outputs: 3 }), node('Concat', 'c b a', 'y', { axis: 1 })],
    ),
  ],
  [
    'average pooling whose padding is not counted, said or not',
    model(
      11,
      [1, 2, 7, 7],
      [
        node('AveragePool', 'x', 'a', { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }),
        node('AveragePool', 'a', 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 0 }),
      ],
    ),
  ],
  [
    'average pooling with ceil mode and with the padding counted',
    model(
      11,
      [1, 2, 7, 7],
      [
        node('AveragePool', 'x', 'a', {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
          count_include_pad: 1,
        }),
        node('AveragePool', 'a', 'y', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
      ],
    ),
  ],
  // YOLO heads.
  [
    'Tiny YOLOv2’s leaky activations and SAME_UPPER pooling of stride 1',
    model(
      8,
      [1, 3, 5, 5],
      [
        node('Conv', 'x w', 'c', { auto_pad: 'SAME_UPPER', kernel_shape: [3, 3] }),
        node('LeakyRelu', 'c', 'l', { alpha: { f: 0.1 } }),
        node('MaxPool', 'l', 'y', { auto_pad: 'SAME_UPPER', kernel_shape: [2, 2], strides: [1, 1] }),
      ],
      [wave('w', [4, 3, 3, 3])],
    ),
  ],
  [
    'YOLOv5’s focus by strided slices, and its head by reshape, transpose, sigmoid and slices with arithmetic',
    model(
      12,
      [1, 2, 6, 6],
      [
        ...[0, 1].flatMap((row) => [
          node('Slice', `x at${row} end two one`, `r${row}`),
          ...[0, 1].map((column) => node('Slice', `r${row} at${column} end three one`, `q${row}${column}`)),
        ]),
        node('Concat', 'q00 q10 q01 q11', 'f', { axis: 1 }),
        node('Reshape', 'f five', 'g'),
        node('Transpose', 'g', 't', { perm: [0, 1, 3, 4, 2] }),
        node('Sigmoid', 't', 's'),
        node('Slice', 's at0 split four', 'xy'),
        node('Slice', 's split far four', 'rest'),
        node('Mul', 'xy gain', 'm'),
        node('Add', 'm cells', 'a'),
        node('Pow', 'rest square', 'p'),
        node('Concat', 'a p', 'j', { axis: -1 }),
        node('Reshape', 'j rows', 'y'),
      ],
      [
        ints('at0', 0),
        ints('at1', 1),
        ints('end', 2 ** 62),
        ints('far', 99),
        ints('one', 2),
        ints('two', 2),
        ints('three', 3),
        ints('four', 4),
        ints('split', 2),
        ints('five', 1, 2, 4, 3, 3),
        ints('rows', 1, -1, 4),
        scalar('gain', 2),
        scalar('square', 2),
        wave('cells', [1, 1, 3, 3, 2]),
      ],
    ),
  ],
  [
    'YOLOv8’s distribution of distances: softmax over an axis in the middle, then a convolution with its bins',
    model(
      13,
      [1, 8, 5],
      [
        node('Reshape', 'x four', 'r'),
        node('Transpose', 'r', 't', { perm: [0, 2, 1, 3] }),
        node('Softmax', 't', 's', { axis: 1 }),
        node('Conv', 's bins', 'c'),
        node('Reshape', 'c three', 'd'),
        node('Split', 'd', 'a b', { axis: 1 }),
        node('Sub', 'anchors a', 'l'),
        node('Add', 'anchors b', 'h'),
        node('Concat', 'l h', 'y', { axis: 1 }),
      ],
      [
        ints('four', 1, 4, 2, 5),
        ints('three', 1, 4, 5),
        { name: 'bins', type: FLOAT, dims: [1, 2, 1, 1], floats: [0, 1] },
        wave('anchors', [1, 2, 5]),
      ],
    ),
  ],
  // SSD-MobileNet’s anchors and scores, DeepLab’s ends.
  [
    'a softmax over NHWC’s channels in the middle of a reshape, opset 9',
    model(
      9,
      [1, 6, 2, 2],
      [
        node('Transpose', 'x', 't', { perm: [0, 2, 3, 1] }),
        node('Reshape', 't three', 'r'),
        node('Softmax', 'r', 's', { axis: 2 }),
        node('Slice', 's', 'y', { axes: [2], starts: [1], ends: [2 ** 62] }),
      ],
      [ints('three', 1, -1, 3)],
    ),
  ],
  [
    'dilated convolutions between SpaceToDepth and DepthToSpace of both orders',
    model(
      11,
      [1, 4, 6, 6],
      [
        node('Conv', 'x w', 'c', { dilations: [2, 2], pads: [2, 2, 2, 2], group: 4 }),
        node('SpaceToDepth', 'c', 's', { blocksize: 2 }),
        node('DepthToSpace', 's', 'd', { blocksize: 2, mode: 'CRD' }),
        node('SpaceToDepth', 'd', 'e', { blocksize: 3 }),
        node('DepthToSpace', 'e', 'y', { blocksize: 3 }),
      ],
      [wave('w', [4, 1, 3, 3])],
    ),
  ],
  // Normalisations of pixels inside the network.
  [
    'pixels normalised by Sub and Div of channels, and by Mul and Add of TensorFlow',
    model(
      11,
      [1, 3, 2, 2],
      [node('Sub', 'x mean', 'a'), node('Div', 'a std', 'b'), node('Mul', 'b k', 'c'), node('Add', 'c o', 'y')],
      [
        { ...floats('mean', 0.4, 0.5, 0.6), dims: [1, 3, 1, 1] },
        { ...floats('std', 0.2, 0.3, 0.4), dims: [3, 1, 1] },
        scalar('k', 0.0078125),
        floats('o', -1),
      ],
    ),
  ],
  [
    'an embedding’s length by ReduceL2, and its division',
    model(
      11,
      [2, 5],
      [
        node('ReduceL2', 'x', 'n', { axes: [1], keepdims: 1 }),
        node('Clip', 'n least -', 'c'),
        node('Expand', 'c shape', 'e'),
        node('Div', 'x e', 'y'),
      ],
      [scalar('least', 1e-12), ints('shape', 2, 5)],
    ),
  ],
  [
    'attention over pixels: MatMul of activations, softmax, LayerNormalization written out',
    model(
      13,
      [1, 4, 6],
      [
        node('Transpose', 'x', 't', { perm: [0, 2, 1] }),
        node('MatMul', 'x t', 'a'),
        node('Softmax', 'a', 's', { axis: -1 }),
        node('MatMul', 's x', 'o'),
        node('ReduceMean', 'o', 'm', { axes: [-1] }),
        node('Sub', 'o m', 'd'),
        node('Pow', 'd two', 'q'),
        node('ReduceMean', 'q', 'v', { axes: [-1] }),
        node('Add', 'v e', 've'),
        node('Sqrt', 've', 'r'),
        node('Div', 'd r', 'n'),
        node('Mul', 'n g', 'w'),
        node('Add', 'w h', 'u'),
        node('Div', 'u root', 'k'),
        node('Erf', 'k', 'f'),
        node('Add', 'f one', 'f1'),
        node('Mul', 'u f1', 'uf'),
        node('Mul', 'uf half', 'y'),
      ],
      [
        scalar('two', 2),
        scalar('e', 1e-6),
        wave('g', [6]),
        wave('h', [6]),
        scalar('root', Math.SQRT2),
        scalar('one', 1),
        scalar('half', 0.5),
      ],
    ),
  ],
  [
    'a transposed convolution with groups, output padding and SAME_LOWER',
    model(
      11,
      [1, 4, 3, 4],
      [
        node('ConvTranspose', 'x w b', 'a', { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 2 }),
        node('ConvTranspose', 'a v', 'y', { strides: [2, 2], auto_pad: 'SAME_LOWER' }),
      ],
      [wave('w', [4, 1, 3, 3]), wave('b', [2]), wave('v', [2, 2, 3, 3])],
    ),
  ],
  [
    'pooling over everything: GlobalMaxPool, ReduceMax and AveragePool of the whole',
    model(
      12,
      [1, 3, 4, 4],
      [
        node('GlobalMaxPool', 'x', 'a'),
        node('ReduceMax', 'x', 'b', { axes: [2, 3] }),
        node('AveragePool', 'x', 'c', { kernel_shape: [4, 4] }),
        node('Sum', 'a b c', 'y'),
      ],
    ),
  ],
  [
    'Squeeze, Unsqueeze and Pad with attributes that became inputs',
    model(
      13,
      [1, 3, 1, 4],
      [node('Squeeze', 'x two', 's'), node('Pad', 's pads value', 'p'), node('Unsqueeze', 'p ends', 'y')],
      [ints('two', 2, 0), ints('pads', 1, 0, 0, 2), scalar('value', -0.5), ints('ends', 0, -1)],
    ),
  ],
];
