import { node } from '../formats/onnx-example-parts';
import { FLOAT, type TensorSpec } from '../formats/onnx-file';
import { type Attributes, GIANTS, type HostileFile, int64, network, number, one } from './hostile-parts';

const window = (kernel: number, pads: number, attributes: Attributes = {}): Attributes => ({
  kernel_shape: [kernel, kernel],
  pads: [pads, pads, pads, pads],
  ...attributes,
});

/** Shapes of 2^31 elements and more, each asked for in another way. */
const giantShapes: HostileFile[] = GIANTS.flatMap((giant) => [
  one(`Tile by ${giant}`, [1, 4], 'Tile', {}, [int64('n', giant, giant)]),
  one(`Expand to ${giant}`, [1], 'Expand', {}, [int64('n', giant)]),
  one(`Reshape to ${giant}`, [4], 'Reshape', {}, [int64('n', giant, -1)]),
  one(`Pad by ${giant}`, [4], 'Pad', {}, [int64('n', giant, giant)]),
  one(`Pad by -${giant}`, [4], 'Pad', {}, [int64('n', -BigInt(giant), 0)]),
  one(`Resize to ${giant}`, [1, 1, 2, 2], 'Resize', { mode: 'cubic' }, [
    { ...number(''), dims: [0] },
    { ...number(''), dims: [0] },
    int64('n', 1, 1, giant, giant),
  ]),
  one(`TopK of ${giant}`, [8], 'TopK', {}, [int64('n', giant)]),
  one(`OneHot of ${giant}`, [2], 'OneHot', {}, [int64('depth', giant), number('values', 0, 1)]),
  one(`Trilu at ${giant}`, [3, 3], 'Trilu', {}, [int64('k', giant)]),
  network(`ConstantOfShape ${giant}, twice`, {
    outputs: ['y'],
    inputs: [{ name: 'x', dims: [1] }],
    initializers: [int64('n', giant)],
    nodes: [node('ConstantOfShape', 'n', 'a'), node('Add', 'a a', 'b'), node('Add', 'b x', 'y')],
  }),
  network(`an initializer of ${giant}`, {
    outputs: ['y'],
    initializers: [{ name: 'w', type: FLOAT, dims: [giant], floats: [1] }],
    nodes: [node('Neg', 'w', 'y')],
  }),
  network(`an input of ${giant}`, {
    outputs: ['y'],
    inputs: [{ name: 'x', dims: [Number(giant), Number(giant)] }],
    nodes: [node('Neg', 'x', 'y')],
  }),
  network(`Range to ${giant}`, {
    outputs: ['y'],
    inputs: [{ name: 'x', dims: [1] }],
    initializers: [
      { ...int64('from', 0), dims: [] },
      { ...int64('to', giant), dims: [] },
      { ...int64('step', 1), dims: [] },
    ],
    nodes: [node('Range', 'from to step', 'r'), node('Cast', 'r', 'f', { to: FLOAT }), node('Add', 'f x', 'y')],
  }),
]);

const giantAttributes: HostileFile[] = [1e5, 2 ** 31 - 1, 2 ** 53].flatMap((giant) => [
  one(`AveragePool of ${giant}`, [1, 1, 4, 4], 'AveragePool', window(giant + 1, Math.floor(giant / 2))),
  one(`MaxPool of ${giant}`, [1, 1, 4, 4], 'MaxPool', window(giant + 1, Math.floor(giant / 2))),
  one(`LpPool of ${giant}`, [1, 1, 4, 4], 'LpPool', window(giant + 1, Math.floor(giant / 2))),
  one(`MaxPool dilated by ${giant}`, [1, 1, 4, 4], 'MaxPool', window(2, giant, { dilations: [giant, giant] })),
  one(`a convolution padded by ${giant}`, [1, 1, 4, 4], 'Conv', { pads: [giant, giant, giant, giant] }, [
    { name: 'w', type: FLOAT, dims: [1, 1, 1, 1], floats: [1] },
  ]),
  one(
    `a convolution dilated by ${giant}`,
    [1, 1, 4, 4],
    'Conv',
    { pads: [giant, giant, giant, giant], dilations: [giant, giant] },
    [{ name: 'w', type: FLOAT, dims: [1, 1, 2, 2], floats: [1, 2, 3, 4] }],
  ),
  one(`a transposed convolution of stride ${giant}`, [1, 1, 2, 2], 'ConvTranspose', { strides: [giant, giant] }, [
    { name: 'w', type: FLOAT, dims: [1, 1, 2, 2], floats: [1, 2, 3, 4] },
  ]),
  one(`DepthToSpace of ${giant}`, [1, 4, 2, 2], 'DepthToSpace', { blocksize: giant }),
  one(`SpaceToDepth of ${giant}`, [1, 4, 2, 2], 'SpaceToDepth', { blocksize: giant }),
  one(`LRN of ${giant}`, [1, 4, 2, 2], 'LRN', { size: giant }),
  one(`Flatten at ${giant}`, [1, 4], 'Flatten', { axis: giant }),
  one(`Split into ${giant}`, [1, 4], 'Split', { axis: 1, num_outputs: giant }),
  one(`EyeLike at ${giant}`, [3, 3], 'EyeLike', { k: giant }),
  one(`Concat at ${giant}`, [1], 'Concat', { axis: giant }),
]);

/** Tables that an importer makes itself. */
const giantTables: HostileFile[] = [1e5, 2 ** 24, 2 ** 31 - 1, 2 ** 53].flatMap((giant) => {
  const scalar = (name: string, value: number): TensorSpec => ({ ...int64(name, value), dims: [] });
  return [
    one(
      `RoiAlign of ${giant}`,
      [1, 1, 4, 4],
      'RoiAlign',
      { output_height: giant, output_width: 1, sampling_ratio: 2 },
      [{ name: 'r', type: FLOAT, dims: [1, 4], floats: [0, 0, 2, 2] }, int64('b', 0)],
    ),
    one(`AffineGrid of ${giant}`, [1, 2, 3], 'AffineGrid', {}, [int64('size', 1, 1, giant, 2)]),
    one(`MaxUnpool to ${giant}`, [1, 1, 2, 2], 'MaxUnpool', { kernel_shape: [2, 2], strides: [giant, 2] }, [
      { ...int64('i', 0, 1, 2, 3), dims: [1, 1, 2, 2] },
    ]),
    network(`HannWindow of ${giant}`, {
      inputs: [{ name: 'x', dims: [1] }],
      outputs: ['y'],
      initializers: [scalar('n', giant)],
      nodes: [node('HannWindow', 'n', 'w'), node('Add', 'w x', 'y')],
    }),
    network(`RandomNormal of ${giant}`, {
      inputs: [{ name: 'x', dims: [1] }],
      outputs: ['y'],
      nodes: [node('RandomNormal', '-', 'w', { shape: [giant] }), node('Add', 'w x', 'y')],
    }),
    network(`MelWeightMatrix of ${giant}`, {
      inputs: [{ name: 'x', dims: [1] }],
      outputs: ['y'],
      initializers: [scalar('m', giant), scalar('n', giant), scalar('r', 8000), number('a', 0), number('b', 4000)],
      nodes: [node('MelWeightMatrix', 'm n r a b', 'w'), node('Add', 'w x', 'y')],
    }),
    network(`an Einsum's diagonal of ${giant}`, {
      inputs: [{ name: 'x', dims: [giant, giant] }],
      outputs: ['y'],
      nodes: [node('Einsum', 'x', 'y', { equation: 'ii->i' })],
    }),
    network(`a transform of ${giant}`, {
      inputs: [{ name: 'x', dims: [1, 8, 1] }],
      outputs: ['y'],
      initializers: [scalar('n', giant)],
      nodes: [node('DFT', 'x n', 'y', { axis: 1 })],
    }),
  ];
});

export const GIANT_FILES: readonly HostileFile[] = [...giantShapes, ...giantAttributes, ...giantTables];
