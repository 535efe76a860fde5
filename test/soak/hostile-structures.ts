import { model, node } from '../formats/onnx-example-parts';
import { BOOL, FLOAT, INT64, type ModelSpec, type NodeSpec, type TensorSpec } from '../formats/onnx-file';
import { type HostileFile, int64, network } from './hostile-parts';

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
/** Graphs that are deep, wide, circular, or that unroll to much more than they are. */
export const STRUCTURE_FILES: readonly HostileFile[] = [
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
