import { floats, ints, model, node, scalar, wave } from './onnx-example-parts';
import { BOOL, INT64, type ModelSpec, type TensorSpec } from './onnx-file';

/** Files in the shapes that exporters and converters leave them: unsorted, with second names, functions and loops. */

const flag = (name: string, value: number): TensorSpec => ({ name, type: BOOL, dims: [], int32s: [value] });
const integer = (name: string, value: number | bigint): TensorSpec => ({
  name,
  type: INT64,
  dims: [],
  int64s: [value],
});
const list = (name: string, ...values: (number | bigint)[]): TensorSpec => ({
  ...ints(name),
  dims: [values.length],
  int64s: values,
});
const GREATEST = 2n ** 63n - 1n;

/** The body of a loop that carries one value and gathers another. */
const body = (nodes: ReturnType<typeof node>[], outputs: string[], initializers: TensorSpec[] = []) => ({
  g: {
    inputs: [
      { name: 'i', type: INT64, dims: [] },
      { name: 'go', type: BOOL, dims: [] },
      { name: 'state', dims: [2, 3] },
    ],
    nodes,
    outputs,
    initializers,
  },
});

const swish = {
  name: 'Swish',
  domain: 'my.lib',
  inputs: ['a', 'b'],
  outputs: ['c'],
  attributes: ['slope'],
  defaults: { axis: 1 },
  nodes: [
    node('LeakyRelu', 'a', 'l', { alpha: { ref: 'slope', type: 'f' } }),
    node('Softmax', 'l', 's', { axis: { ref: 'axis', type: 'i' } }),
    node('Clip', 's b', 'c'),
  ],
};

export const FILE_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'nodes in any order, a branch that reads from outside among them',
    model(
      17,
      [2, 3],
      [
        node('Add', 'b c', 'y'),
        {
          ...node('If', 'yes', 'c'),
          attributes: {
            then_branch: { g: { nodes: [node('Neg', 'x', 'two'), node('Mul', 'two a', 't')], outputs: ['t'] } },
            else_branch: { g: { nodes: [node('Abs', 'a', 'e')], outputs: ['e'] } },
          },
        },
        node('Relu', 'a', 'b'),
        node('Sin', 'x', 'a'),
      ],
      [flag('yes', 1)],
    ),
  ],
  [
    'three names for one value, and outputs that are the input',
    model(
      17,
      [2, 3],
      [node('Relu', 'x', 'a'), node('Identity', 'a', 'b'), node('Reshape', 'a shape', 'c'), node('Dropout', 'x', 'd')],
      [ints('shape', 2, 3)],
      ['a', 'b', 'c', 'x', 'd'],
    ),
  ],
  [
    'outputs that nothing reads: of a known operator, of an unknown one, of an older batch normalisation',
    model(
      8,
      [1, 3, 4, 4],
      [
        node('MaxPool', 'x', 'p indices', { kernel_shape: [2, 2], strides: [2, 2] }),
        node('BatchNormalization', 'p scale shift mean variance', 'y'),
        node('Dropout', 'y', 'dropped mask'),
        node('Hardmax', 'x', 'unread'),
      ],
      [floats('scale', 1, 2, 3), floats('shift', 0, 1, 0), floats('mean', 0, 0.5, 0), floats('variance', 1, 2, 0.5)],
      ['dropped'],
    ),
  ],
  [
    'the greatest integer by way of Unsqueeze, Concat and Min, as the end of a slice',
    model(
      13,
      [4, 5],
      [
        node('Unsqueeze', 'most axis', 'a'),
        node('Concat', 'a one', 'ends', { axis: 0 }),
        node('Slice', 'x starts ends', 's'),
        node('Min', 'most three', 'm'),
        node('Reshape', 'm minus', 'm1'),
        node('Slice', 's zero m1', 'y'),
      ],
      [
        integer('most', GREATEST),
        list('axis', 0),
        list('one', GREATEST),
        ints('starts', 1, 2),
        integer('three', 2),
        ints('minus', -1),
        ints('zero', 0),
      ],
    ),
  ],
  [
    'a function of the file, with an attribute, a default and an input left out',
    {
      ...model(
        18,
        [2, 5],
        [
          { ...node('Swish', 'x', 'a', { slope: { f: 0.5 } }), domain: 'my.lib' },
          { ...node('Swish', 'a least', 'b', { slope: { f: 0.1 }, axis: 0 }), domain: 'my.lib' },
          node('Add', 'a b', 'y'),
        ],
        [scalar('least', 0.25)],
      ),
      functions: [swish],
    },
  ],
  [
    'a loop with a known trip count, that carries a value, gathers another and reads its counter',
    model(
      17,
      [2, 3],
      [
        {
          ...node('Loop', 'three - x', 'y all'),
          attributes: {
            body: body(
              [
                node('Cast', 'i', 'f', { to: 1 }),
                node('Add', 'state f', 's'),
                node('Mul', 's w', 'next'),
                node('ReduceSum', 's', 'sum', { keepdims: 0 }),
                node('Identity', 'go', 'on'),
              ],
              ['on', 'next', 'sum'],
            ),
          },
        },
      ],
      [integer('three', 3), wave('w', [2, 3])],
      ['y', 'all'],
    ),
  ],
  [
    'a loop without iterations, that gathers nothing before something else',
    model(
      17,
      [2, 3],
      [
        {
          ...node('Loop', 'none - x', 'same all'),
          attributes: {
            body: body(
              [
                node('Mul', 'state w', 'next'),
                node('ReduceSum', 'next axis', 'sum', { keepdims: 0 }),
                node('Identity', 'go', 'on'),
              ],
              ['on', 'next', 'sum'],
            ),
          },
        },
        node('Concat', 'all same', 'y', { axis: 0 }),
      ],
      [integer('none', 0), wave('w', [2, 3]), ints('axis', 0)],
    ),
  ],
  [
    'a loop that ends by a condition on its counter',
    model(
      17,
      [2, 3],
      [
        {
          ...node('Loop', '- yes x', 'y'),
          attributes: {
            body: body(
              [node('Sin', 'state', 'next'), node('Less', 'i last', 'on')],
              ['on', 'next'],
              [integer('last', 2)],
            ),
          },
        },
      ],
      [flag('yes', 1)],
    ),
  ],
  [
    'a sequence of parts, taken out and put together again',
    model(
      17,
      [5, 4],
      [
        node('SplitToSequence', 'x two', 's', { axis: 0 }),
        node('SequenceAt', 's last', 'a'),
        node('SequenceInsert', 's a zero', 'longer'),
        node('ConcatFromSequence', 'longer', 'b', { axis: 0 }),
        node('SplitToSequence', 'x', 'ones', { axis: 1, keepdims: 0 }),
        node('SequenceErase', 'ones zero', 'shorter'),
        node('ConcatFromSequence', 'shorter', 'c', { axis: -1, new_axis: 1 }),
      ],
      [integer('two', 2), integer('last', -1), integer('zero', 0)],
      ['a', 'b', 'c'],
    ),
  ],
];
