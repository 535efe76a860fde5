import { floats, grid, ints, model, node, scalar, wave } from './onnx-example-parts';
import { FLOAT, INT64, type ModelSpec, type NodeSpec, type TensorSpec } from './onnx-file';

const microsoft = (...parts: Parameters<typeof node>): NodeSpec => ({ ...node(...parts), domain: 'com.microsoft' });
const byte = (name: string, type: number, dims: readonly number[], ...values: number[]): TensorSpec => ({
  name,
  type,
  dims,
  int32s: values,
});

/** Letters of four axes are the input's, of two the matrix's. */
const operandsOf = (equation: string): string =>
  equation
    .replace(/->.*/, '')
    .split(',')
    .map((letters) => (letters.length === 4 ? 'x' : 'w'))
    .join(' ');

/** Elements picked and put by indices, sums over named axes, and branches that are known before the run. */
export const INDEX_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'boxes put in place by ScatterND with known indices',
    model(
      13,
      [2, 3],
      [node('Mul', 'x two', 'm'), node('Slice', 'm zero two_ one', 'u'), node('ScatterND', 'x at u', 'y')],
      [
        scalar('two', 2),
        ints('zero', 0),
        ints('two_', 2),
        ints('one', 1),
        grid('at', [2, 2, 2], [0, 2, 0, 1, 1, 0, 1, -1]),
      ],
    ),
  ],
  [
    'columns put in place by ScatterElements',
    model(
      16,
      [2, 3],
      [node('ScatterElements', 'x at u', 'y', { axis: 1 })],
      [grid('at', [2, 1], [2, -3]), wave('u', [2, 1])],
    ),
  ],
  ...(['none', 'add', 'mul', 'max', 'min'] as const).map((reduction): [string, ModelSpec] => [
    `elements put in place by indices of the run, reduction ${reduction}`,
    model(
      18,
      [4, 4],
      [
        node('ArgMax', 'x', 'i', { axis: 1 }),
        node('ScatterElements', 'x i u', 'a', { axis: 1, reduction }),
        node('ScatterND', 'x i v', 'y', { reduction }),
      ],
      [wave('u', [4, 1]), wave('v', [4, 4])],
      ['a', 'y'],
    ),
  ]),
  [
    'Scatter of opset 9 along the last axis',
    model(
      9,
      [2, 5],
      [node('Scatter', 'x at u', 'y', { axis: 1 })],
      [grid('at', [2, 2], [1, 4, 0, 2]), wave('u', [2, 2])],
    ),
  ],
  // Picking single elements.
  [
    'GatherElements along both axes, with indices from the end',
    model(
      11,
      [3, 4],
      [node('GatherElements', 'x rows', 'a', { axis: 0 }), node('GatherElements', 'a columns', 'y', { axis: -1 })],
      [grid('rows', [2, 4], [0, 1, 2, -1, 2, 0, 1, -3]), grid('columns', [2, 2], [3, -4, 1, 2])],
    ),
  ],
  [
    'GatherElements at the largest of each row',
    model(13, [3, 4], [node('ArgMax', 'x', 'i', { axis: 1 }), node('GatherElements', 'x i', 'y', { axis: 1 })]),
  ],
  ...[0, 1].map((storage_order): [string, ModelSpec] => [
    `MaxPool with its indices, ${storage_order ? 'column' : 'row'} by ${storage_order ? 'column' : 'row'}`,
    model(
      12,
      [2, 3, 5, 6],
      [
        node('MaxPool', 'x', 'a i', { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 0], storage_order }),
        node('Cast', 'i', 'y', { to: FLOAT }),
      ],
      [],
      ['a', 'y'],
    ),
  ]),
  [
    'NonZero, its indices by axes and what they pick',
    model(
      13,
      [2, 3, 4],
      [
        node('Greater', 'x half', 'g'),
        node('NonZero', 'g', 'n'),
        node('Cast', 'n', 'a', { to: FLOAT }),
        node('Transpose', 'n', 't', { perm: [1, 0] }),
        node('GatherND', 'x t', 'b'),
        node('Gather', 'n two', 'columns', { axis: 0 }),
        node('Mod', 'columns two', 'm'),
        node('Unsqueeze', 'm zero', 'u'),
        node('Cast', 'u', 'y', { to: FLOAT }),
      ],
      [scalar('half', 0.5), { name: 'two', type: INT64, dims: [], int64s: [2] }, ints('zero', 0)],
      ['a', 'b', 'y'],
    ),
  ],
  [
    'NonZero of a constant',
    model(
      9,
      [2, 3],
      [
        node('NonZero', 'mask', 'n'),
        node('Transpose', 'n', 't', { perm: [1, 0] }),
        node('Cast', 't', 'c', { to: FLOAT }),
        node('MatMul', 'c x', 'y'),
      ],
      [grid('mask', [2, 3], [0, 1, 1, 0, 0, 1])],
    ),
  ],
  // The greatest and the least.
  [
    'TopK of opset 1, with k as an attribute',
    model(9, [3, 7], [node('TopK', 'x', 'a i', { k: 4 }), node('Cast', 'i', 'y', { to: FLOAT })], [], ['a', 'y']),
  ],
  [
    'TopK of opset 10 along the first axis',
    model(
      10,
      [6, 2, 3],
      [node('TopK', 'x k', 'a i', { axis: 0 }), node('Cast', 'i', 'y', { to: FLOAT })],
      [ints('k', 2)],
      ['a', 'y'],
    ),
  ],
  [
    'TopK of opset 13, the least first and of equals the lower index, with as many as a shape allows',
    model(
      13,
      [2, 9],
      [
        node('Shape', 'x', 's'),
        node('Gather', 's one', 'length'),
        node('Min', 'length most', 'k'),
        node('Round', 'x', 'rounded'),
        node('TopK', 'rounded k', 'a i', { largest: 0 }),
        node('GatherElements', 'x i', 'y', { axis: 1 }),
      ],
      [ints('one', 1), ints('most', 100)],
      ['a', 'y'],
    ),
  ],
  [
    'GatherND, of rows and of elements of a batch',
    model(
      12,
      [2, 3, 4],
      [node('GatherND', 'x rows', 'a'), node('GatherND', 'x elements', 'y', { batch_dims: 1 })],
      [grid('rows', [3, 2], [0, 1, 1, -1, 1, 0]), grid('elements', [2, 2, 2], [0, 3, 2, 1, -1, -4, 1, 1])],
      ['a', 'y'],
    ),
  ],
  [
    'an If about a shape, as squeezing is exported, and a constant that only its branch has',
    model(
      13,
      [2, 1, 3],
      [
        node('Shape', 'x', 's'),
        node('Gather', 's one', 'd'),
        node('Equal', 'd one', 'c'),
        node('If', 'c', 'y', {
          then_branch: {
            g: {
              nodes: [node('Squeeze', 'x axis', 'flat'), node('Add', 'flat shift', 'a')],
              outputs: ['a'],
              initializers: [ints('axis', 1), wave('shift', [3])],
            },
          },
          else_branch: { g: { nodes: [node('Identity', 'x', 'b')], outputs: ['b'] } },
        }),
      ],
      [ints('one', 1)],
    ),
  ],
  [
    'one-hot vectors along either axis, with indices from the end',
    model(
      11,
      [2, 4],
      [
        node('ArgMax', 'x', 'i', { axis: 1, keepdims: 0 }),
        node('OneHot', 'i four values', 'a'),
        node('OneHot', 'own four values', 'b', { axis: 0 }),
        node('MatMul', 'a b', 'y'),
      ],
      [{ name: 'four', type: INT64, dims: [], int64s: [4] }, floats('values', -0.5, 2), ints('own', 0, -1, 3, 7)],
    ),
  ],
  [
    'running sums, from either end',
    model(
      11,
      [2, 3, 4],
      [
        node('CumSum', 'x last', 'a'),
        node('CumSum', 'a middle', 'b', { exclusive: 1 }),
        node('CumSum', 'b last', 'y', { reverse: 1, exclusive: 1 }),
      ],
      [
        { name: 'last', type: INT64, dims: [], int64s: [-1] },
        { name: 'middle', type: INT64, dims: [], int64s: [1] },
      ],
    ),
  ],
  ...['bcij,bdij->bcd', 'abij,cj->iac', 'bcij', 'bcij->cj', 'abij,abij,cd->dab', 'bcij,kx'].map(
    (equation): [string, ModelSpec] => [
      `Einstein’s summation ${equation}`,
      model(12, [2, 3, 4, 5], [node('Einsum', operandsOf(equation), 'y', { equation })], [wave('w', [4, 5])]),
    ],
  ),
  [
    'what ONNX Runtime’s quantiser writes in its own domain',
    model(
      13,
      [1, 2, 3, 4],
      [
        node('QuantizeLinear', 'x s1 z1', 'q'),
        microsoft('QLinearSigmoid', 'q s1 z1 s2 z2', 'sigmoid'),
        microsoft('QLinearLeakyRelu', 'q s1 z1 s1 z1', 'leaky', { alpha: { f: 0.3 } }),
        microsoft('QLinearMul', 'sigmoid s2 z2 leaky s1 z1 s3 z3', 'mul'),
        microsoft('QLinearAdd', 'mul s3 z3 leaky s1 z1 s3 z3', 'add'),
        microsoft('QLinearConcat', 's1 z1 add s3 z3 sigmoid s2 z2', 'joined', { axis: 1 }),
        microsoft('QLinearGlobalAveragePool', 'joined s1 z1 s3 z3', 'pooled'),
        node('Flatten', 'pooled', 'flat'),
        microsoft('QGemm', 'flat s3 z3 w ws wz bias s1 z1', 'dense', { transB: 1 }),
        node('DequantizeLinear', 'joined s1 z1', 'a'),
        node('DequantizeLinear', 'dense s1 z1', 'y'),
      ],
      [
        ...[0.05, 0.004, 0.031].map((scale, i) => scalar(`s${i + 1}`, scale)),
        ...[128, 3, 110].map((zero, i) => byte(`z${i + 1}`, 2, [], zero)),
        byte('w', 3, [3, 4], ...Array.from({ length: 12 }, (_, i) => i * 19 - 100)),
        floats('ws', 0.01, 0.02, 0.03),
        byte('wz', 3, [3], 0, 0, 0),
        byte('bias', 6, [3], 200, -100, 50),
      ],
      ['a', 'y'],
    ),
  ],
  // One function of one number.
  ...(['Tan', 'Atan', 'Sinh', 'Cosh', 'Asinh'] as const).map((op): [string, ModelSpec] => [
    `${op} of angles`,
    model(9, [3, 7], [node(op, 'x', 'y')]),
  ]),
  [
    'what is defined between -1 and 1, and beyond 1',
    model(
      9,
      [3, 7],
      [
        node('Sin', 'x', 's'),
        node('Asin', 's', 'a'),
        node('Acos', 's', 'b'),
        node('Mul', 's part', 't'),
        node('Atanh', 't', 'c'),
        node('Cosh', 'x', 'h'),
        node('Acosh', 'h', 'y'),
      ],
      [scalar('part', 0.9)],
      ['a', 'b', 'c', 'y'],
    ),
  ],
  [
    'numbers that are none, and infinities of either sign or one',
    model(
      10,
      [3, 7],
      [
        node('Relu', 'x', 'r'),
        node('Div', 'x r', 'q'),
        node('IsInf', 'q', 'i'),
        node('IsInf', 'q', 'j', { detect_negative: 0 }),
        node('Sqrt', 'x', 's'),
        node('IsNaN', 's', 'n'),
        ...['i a', 'j b', 'n y'].map((pair) => node('Cast', ...(pair.split(' ') as [string, string]), { to: FLOAT })),
      ],
      [],
      ['a', 'b', 'y'],
    ),
  ],
];
