import { model, node } from '../formats/onnx-example-parts';
import {
  BOOL,
  FLOAT,
  INT64,
  type ModelSpec,
  type NodeSpec,
  onnxFile,
  type TensorSpec,
  tensorFile,
} from '../formats/onnx-file';

/** A file that somebody made to do harm: to take gigabytes or minutes, or to find a name that JavaScript knows. */
export interface HostileFile {
  readonly name: string;
  readonly kind?: 'onnx' | 'safetensors' | 'npy' | 'tensor';
  readonly bytes: () => Uint8Array;
}

type Attributes = NodeSpec['attributes'];

const GIANTS = [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, 2n ** 62n];
const int64 = (name: string, ...int64s: (number | bigint)[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [int64s.length],
  int64s,
});
const number = (name: string, ...values: number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims: [values.length],
  floats: values,
});

/** One node over an input `x` of some shape. */
function one(
  name: string,
  dims: readonly number[],
  op: string,
  attributes?: Attributes,
  constants: readonly TensorSpec[] = [],
): HostileFile {
  const inputs = ['x', ...constants.map((constant) => constant.name!)];
  return network(name, {
    opset: 18,
    inputs: [{ name: 'x', dims }],
    outputs: ['y'],
    initializers: constants,
    nodes: [{ op, inputs, outputs: ['y'], attributes }],
  });
}

const network = (name: string, spec: ModelSpec): HostileFile => ({ name, bytes: () => onnxFile(spec) });

const window = (kernel: number, pads: number, attributes: Attributes = {}): Attributes => ({
  kernel_shape: [kernel, kernel],
  pads: [pads, pads, pads, pads],
  ...attributes,
});

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

/** Names that every object of JavaScript has, wherever a file has a name. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
const names: HostileFile[] = INHERITED.flatMap((word) => [
  network(`an operator named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node(word, 'x', 'y')],
  }),
  network(`a domain named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [{ ...node('Relu', 'x', 'y'), domain: word }],
  }),
  network(`an attribute named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y', { [word]: 1 } as Attributes)],
  }),
  network(`values named ${word}`, {
    inputs: [{ name: word, dims: [2] }],
    outputs: [`${word}.`],
    nodes: [node('Relu', word, `${word}.`)],
  }),
  network(`an output named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: [word],
    nodes: [node('Relu', 'x', word)],
  }),
  network(`a dimension named ${word}`, {
    inputs: [{ name: 'x', dims: [1, word] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
  }),
  network(`a mode named ${word}`, {
    inputs: [{ name: 'x', dims: [1, 4, 2, 2] }],
    outputs: ['y'],
    nodes: [node('DepthToSpace', 'x', 'y', { blocksize: 2, mode: word })],
  }),
  network(`metadata named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
    metadata: { [word]: word },
  }),
]);

const CONTROL = '\u001b]0;pwned\u0007\u001b[31m\u001b[2J';

/** Each value is read twice: as a tree it has 2^n leaves. */
function doubling(op: string, length: number): ModelSpec {
  const nodes = Array.from({ length }, (_, i) => node(op, i === 0 ? 'x x' : `d${i - 1} d${i - 1}`, `d${i}`));
  return { inputs: [{ name: 'x', dims: [1] }], outputs: [`d${length - 1}`], nodes };
}

const chain = (length: number, op = 'Neg', dims = [1]): ModelSpec => ({
  inputs: [{ name: 'x', dims }],
  outputs: [`c${length - 1}`],
  nodes: Array.from({ length }, (_, i) => node(op, i === 0 ? 'x' : `c${i - 1}`, `c${i}`)),
});

function nested(depth: number): NodeSpec['attributes'] {
  const last: NodeSpec = node('Neg', 'x', 'y');
  const inner: NodeSpec = depth === 0 ? last : { ...node('If', 'yes', 'y'), attributes: nested(depth - 1) };
  return {
    then_branch: { g: { nodes: [inner], outputs: ['y'] } },
    else_branch: { g: { nodes: [last], outputs: ['y'] } },
  };
}
const yes: TensorSpec = { name: 'yes', type: BOOL, dims: [], int32s: [1] };

function loop(trips: number | bigint, body: readonly NodeSpec[]): ModelSpec {
  return {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    initializers: [{ ...int64('trips', trips), dims: [] }, yes],
    nodes: [
      {
        ...node('Loop', 'trips yes x', 'y'),
        attributes: {
          body: {
            g: {
              inputs: [
                { name: 'i', type: INT64, dims: [] },
                { name: 'go', type: BOOL, dims: [] },
                { name: 'v', dims: [2] },
              ],
              nodes: [node('Identity', 'go', 'goes'), ...body],
              outputs: ['goes', 'w'],
            },
          },
        },
      },
    ],
  };
}

/** Constants that take a few bytes in the file, and much more once a cosine of them is computed. */
const manyConstants = (count: number, size: number): ModelSpec => ({
  inputs: [{ name: 'x', dims: [1] }],
  outputs: ['y'],
  initializers: [int64('n', size)],
  nodes: [
    ...Array.from({ length: count }, (_, i) => [
      node('ConstantOfShape', 'n', `k${i}`),
      node('Cos', `k${i}`, `s${i}`),
    ]).flat(),
    { op: 'Sum', inputs: ['x', ...Array.from({ length: count }, (_, i) => `s${i}`)], outputs: ['y'] },
  ],
});

const large = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);
const structure: HostileFile[] = [
  network('sums of sums, a tree of 2^60 leaves', doubling('Add', 60)),
  network(
    'joins of joins, 2^24 numbers',
    model(
      18,
      [1],
      Array.from({ length: 24 }, (_, i) =>
        node('Concat', i === 0 ? 'x x' : `d${i - 1} d${i - 1}`, i === 23 ? 'y' : `d${i}`, { axis: 0 }),
      ),
    ),
  ),
  network(
    'joins of joins, 2^60 numbers',
    model(
      18,
      [1],
      Array.from({ length: 60 }, (_, i) =>
        node('Concat', i === 0 ? 'x x' : `d${i - 1} d${i - 1}`, i === 59 ? 'y' : `d${i}`, { axis: 0 }),
      ),
    ),
  ),
  network('a chain of 20,000', chain(20_000)),
  network('a chain of 20,000 views', chain(20_000, 'Identity')),
  network('a chain of 5,000 transposes', chain(5_000, 'Transpose', [2, 3])),
  network('a chain backwards', { ...chain(10_000), nodes: chain(10_000).nodes.toReversed() }),
  network('a join of 50,000', {
    inputs: [{ name: 'x', dims: [1, 1] }],
    outputs: ['y'],
    nodes: [{ op: 'Concat', inputs: large(50_000).fill('x'), outputs: ['y'], attributes: { axis: 1 } }],
  }),
  network('a split into 20,000', {
    inputs: [{ name: 'x', dims: [1, 20_000] }],
    outputs: ['y'],
    nodes: [
      { op: 'Split', inputs: ['x'], outputs: large(20_000), attributes: { axis: 1, num_outputs: 20_000 } },
      node('Neg', 'p7', 'y'),
    ],
  }),
  network('20,000 outputs', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: large(20_000),
    nodes: large(20_000).map((output) => node('Neg', 'x', output)),
  }),
  network('20,000 inputs', {
    inputs: large(20_000).map((name) => ({ name, dims: [1] })),
    outputs: ['y'],
    nodes: [node('Neg', 'p7', 'y')],
  }),
  network('a value that makes itself', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    nodes: [node('Add', 'x y', 'y')],
  }),
  network('two values that make each other', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    nodes: [node('Add', 'x z', 'y'), node('Neg', 'y', 'z')],
  }),
  network('a value made twice', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    nodes: [node('Neg', 'x', 'y'), node('Relu', 'x', 'y')],
  }),
  network('an input made again', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['x'],
    nodes: [node('Neg', 'x', 'x')],
  }),
  network('branches 500 deep', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    initializers: [yes],
    nodes: [{ ...node('If', 'yes', 'y'), attributes: nested(500) }],
  }),
  network('a loop of 2^62', loop(2n ** 62n, [node('Neg', 'v', 'w')])),
  network('a loop of -1', loop(-1, [node('Neg', 'v', 'w')])),
  network('a loop of 60,000', loop(60_000, [node('Neg', 'v', 'w')])),
  network('a loop whose value doubles', loop(60, [node('Concat', 'v v', 'w', { axis: 0 })])),
  network('a function that calls itself', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    nodes: [{ ...node('F', 'x', 'y'), domain: 'd' }],
    functions: [
      { name: 'F', domain: 'd', inputs: ['a'], outputs: ['b'], nodes: [{ ...node('F', 'a', 'b'), domain: 'd' }] },
    ],
  }),
  network('functions that call each other twice, 2^40 nodes', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    nodes: [{ ...node('F20', 'x', 'y'), domain: 'd' }],
    functions: Array.from({ length: 21 }, (_, i) => ({
      name: `F${i}`,
      domain: 'd',
      inputs: ['a'],
      outputs: ['c'],
      nodes:
        i === 0
          ? [node('Neg', 'a', 'c')]
          : [
              { ...node(`F${i - 1}`, 'a', 'b'), domain: 'd' },
              { ...node(`F${i - 1}`, 'b', 'c'), domain: 'd' },
            ],
    })),
  }),
  network('a thousand constants of a million', manyConstants(1000, 1e6)),
  network('a hundred constants of a hundred million', manyConstants(100, 1e8)),
  network('a constant of 2^28 under a cosine', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    initializers: [int64('n', 2 ** 28)],
    nodes: [node('ConstantOfShape', 'n', 'a'), node('Cos', 'a', 'b'), node('Add', 'b x', 'y')],
  }),
  network('a running sum over 2^28', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    initializers: [int64('n', 2 ** 28), { ...int64('axis', 0), dims: [] }],
    nodes: [node('ConstantOfShape', 'n', 'a'), node('CumSum', 'a axis', 'b'), node('Add', 'b x', 'y')],
  }),
  network('a product of constants, 2^40 multiplications', {
    inputs: [{ name: 'x', dims: [1] }],
    outputs: ['y'],
    initializers: [int64('n', 8192, 8192)],
    nodes: [node('ConstantOfShape', 'n', 'a'), node('MatMul', 'a a', 'b'), node('Add', 'b x', 'y')],
  }),
  network('a cumulative sum of a long axis', {
    inputs: [{ name: 'x', dims: [200_000] }],
    outputs: ['y'],
    initializers: [{ ...int64('axis', 0), dims: [] }],
    nodes: [node('CumSum', 'x axis', 'y')],
  }),
  network('a Fourier transform of a long prime', {
    inputs: [{ name: 'x', dims: [1, 15_485_863, 1] }],
    outputs: ['y'],
    nodes: [node('DFT', 'x', 'y', { axis: 1 })],
  }),
  network('an Einsum of 26 letters', {
    inputs: [{ name: 'x', dims: new Array(26).fill(2) as number[] }],
    outputs: ['y'],
    nodes: [node('Einsum', 'x', 'y', { equation: 'abcdefghijklmnopqrstuvwxyz->zyxwvutsrqponmlkjihgfedcba' })],
  }),
  network('an Einsum without end', {
    inputs: [{ name: 'x', dims: [2, 2] }],
    outputs: ['y'],
    nodes: [node('Einsum', 'x x x x x x x x', 'y', { equation: 'ab,cd,ef,gh,ij,kl,mn,op->abcdefghijklmnop' })],
  }),
  network('a gather of indices out of range', {
    inputs: [{ name: 'x', dims: [4] }],
    outputs: ['y'],
    initializers: [int64('i', 4, -5, 2n ** 62n, -(2n ** 62n))],
    nodes: [node('Gather', 'x i', 'y', { axis: 0 })],
  }),
  network('a slice of extremes', {
    inputs: [{ name: 'x', dims: [4] }],
    outputs: ['y'],
    initializers: [
      int64('from', -(2n ** 63n)),
      int64('to', 2n ** 63n - 1n),
      int64('axis', 0),
      int64('step', 2n ** 63n - 1n),
    ],
    nodes: [node('Slice', 'x from to axis step', 'y')],
  }),
  network('a slice backwards without a step', {
    inputs: [{ name: 'x', dims: [4] }],
    outputs: ['y'],
    initializers: [int64('from', 0), int64('to', 4), int64('axis', 0), int64('step', 0)],
    nodes: [node('Slice', 'x from to axis step', 'y')],
  }),
  network('escapes for a terminal in every name', {
    inputs: [{ name: `x${CONTROL}`, dims: [2] }],
    outputs: [`y${CONTROL}`],
    nodes: [{ ...node('Relu', 'x', 'y'), name: CONTROL, inputs: [`x${CONTROL}`], outputs: [`y${CONTROL}`] }],
  }),
  network('escapes for a terminal in an operator', {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node(CONTROL, 'x', 'y')],
  }),
  network('a name of a million letters', {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'.repeat(1e6)],
    nodes: [{ ...node('Relu', 'x', 'y'), outputs: ['y'.repeat(1e6)] }],
  }),
  network('weights outside the folder', {
    outputs: ['y'],
    initializers: [{ name: 'w', type: FLOAT, dims: [4], external: { location: '../../../../etc/passwd' } }],
    nodes: [node('Neg', 'w', 'y')],
  }),
  network('weights at an absolute path', {
    outputs: ['y'],
    initializers: [
      { name: 'w', type: FLOAT, dims: [4], external: { location: '/etc/passwd', offset: '-1', length: '1e99' } },
    ],
    nodes: [node('Neg', 'w', 'y')],
  }),
  network('a shape of a thousand axes', {
    inputs: [{ name: 'x', dims: new Array(1000).fill(1) as number[] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
  }),
  network('an empty axis under a giant one', {
    inputs: [{ name: 'x', dims: [0, 2 ** 31] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
  }),
  network('a dense layer of nothing', {
    inputs: [{ name: 'x', dims: [2, 0] }],
    outputs: ['y'],
    initializers: [{ name: 'w', type: FLOAT, dims: [0, 3] }],
    nodes: [node('MatMul', 'x w', 'y')],
  }),
  network('a mean of nothing', {
    inputs: [{ name: 'x', dims: [2, 0] }],
    outputs: ['y'],
    nodes: [node('ReduceMean', 'x', 'y')],
  }),
  network('version 2^31 of the operators', {
    opset: 2 ** 31,
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
  }),
  network('no node, no input, no output', { outputs: [], nodes: [] }),
];

const safetensors = (header: string, length = BigInt(Buffer.byteLength(header)), data = 0): Uint8Array => {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length);
  return Buffer.concat([head, Buffer.from(header), Buffer.alloc(data)]);
};
const npy = (header: string): Uint8Array => {
  const text = Buffer.from(header);
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8]),
    text,
    Buffer.alloc(64),
  ]);
};

const otherFormats: HostileFile[] = [
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `safetensors with a header of ${giant}`,
      kind: 'safetensors',
      bytes: () => safetensors('{}', BigInt(giant)),
    }),
  ),
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `safetensors with a tensor of ${giant}`,
      kind: 'safetensors',
      bytes: () => safetensors(`{"a":{"dtype":"F32","shape":[${giant}],"data_offsets":[0,${4n * BigInt(giant)}]}}`),
    }),
  ),
  ...INHERITED.map(
    (word): HostileFile => ({
      name: `safetensors with a tensor named ${word}`,
      kind: 'safetensors',
      bytes: () => safetensors(`{"${word}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, undefined, 4),
    }),
  ),
  { name: 'safetensors nested 100,000 deep', kind: 'safetensors', bytes: () => safetensors('['.repeat(1e5)) },
  {
    name: 'safetensors nested 100,000 deep, and closed',
    kind: 'safetensors',
    bytes: () => safetensors('['.repeat(1e5) + ']'.repeat(1e5)),
  },
  {
    name: 'safetensors of a million empty tensors',
    kind: 'safetensors',
    bytes: () =>
      safetensors(
        `{${Array.from({ length: 1e5 }, (_, i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join(',')}}`,
      ),
  },
  {
    name: 'safetensors whose tensors overlap',
    kind: 'safetensors',
    bytes: () =>
      safetensors(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
        undefined,
        12,
      ),
  },
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `npy of ${giant}`,
      kind: 'npy',
      bytes: () => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${giant},), }\n`),
    }),
  ),
  {
    name: 'npy of objects',
    kind: 'npy',
    bytes: () => npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"),
  },
  { name: 'npy with code in its header', kind: 'npy', bytes: () => npy("__import__('os').system('true')\n") },
  {
    name: 'npy nested 5,000 deep',
    kind: 'npy',
    bytes: () => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': ${'('.repeat(5000)}`),
  },
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `a tensor of ${giant}`,
      kind: 'tensor',
      bytes: () => tensorFile({ name: 'x', type: FLOAT, dims: [giant], floats: [1] }),
    }),
  ),
  { name: 'groups of a format that ONNX has not, 100,000 deep', bytes: () => new Uint8Array(1e5).fill(0x0b) },
  { name: 'messages in messages, 50,000 deep', bytes: () => deepMessage(50_000) },
];

/** Field 7, a graph, within field 7 and so on: the length of each is that of the rest. */
function deepMessage(depth: number): Uint8Array {
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const varint: number[] = [];
    for (let rest = length; ; rest >>= 7) {
      varint.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    const head = Buffer.from([0x3a, ...varint]);
    parts.push(head);
    length += head.length;
  }
  return Buffer.concat(parts.reverse());
}

export const HOSTILE_FILES: readonly HostileFile[] = [
  ...structure,
  ...giantShapes,
  ...giantAttributes,
  ...giantTables,
  ...names,
  ...otherFormats,
];
