import naiveWgsl from '../../../shaders/matmul-naive.wgsl?raw';
import tiledWgsl from '../../../shaders/matmul-tiled.wgsl?raw';
import { ArgumentError } from '../../errors';
import { stridesOf } from '../../tensor';
import { type Candidate, ceilDiv, grid1d, gridFits, type OperatorKernels, type TensorDesc, tensor } from '../kernel';
import { defineShader } from '../shader';
import { workgroups64 } from './conv2d-shared';

const naive = defineShader('matmul-naive', naiveWgsl);
const tiled = defineShader('matmul-tiled', tiledWgsl);
const WORKGROUP = 64;
const TILE = 4;
/** Leading axes that the shaders loop over. */
const MAX_BATCH_AXES = 8;

const fill = (list: readonly number[], value: number): number[] => [
  ...new Array<number>(MAX_BATCH_AXES - list.length).fill(value),
  ...list,
];

/** Strides of a matrix's leading axes, as many as the output has; 0 where it is repeated. */
function batchStrides({ shape }: TensorDesc): number[] {
  const strides = stridesOf(shape).slice(0, -2);
  return fill(
    strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride)),
    0,
  );
}

/** Batched matrix product: its variants, the best guess first. */
export const matmul: OperatorKernels<'matmul'> = {
  layouts: () => ({ inputs: ['linear', 'linear'], outputs: ['linear'] }),
  candidates: ({ inputs: [a, b], outputs: [y], device }) => {
    const batch = y.shape.slice(0, -2);
    if (batch.length > MAX_BATCH_AXES) {
      throw new ArgumentError(`it has ${batch.length} leading axes, and the kernels know ${MAX_BATCH_AXES}`);
    }
    const [rows, columns] = y.shape.slice(-2);
    const matrices = batch.reduce((product, extent) => product * extent, 1);
    const bind = { a: tensor(a), b: tensor(b), y: tensor(y) };
    const params = {
      shape: fill(batch, 1),
      a_strides: batchStrides(a),
      b_strides: batchStrides(b),
      a_offset: a.offset,
      b_offset: b.offset,
      y_offset: y.offset,
      rows,
      columns,
      depth: a.shape.at(-1)!,
    };
    const size = matrices * rows * columns;
    const grid = workgroups64([ceilDiv(columns, TILE), ceilDiv(rows, TILE), matrices], device);
    const inTiles: Candidate = {
      kernel: 'matmul-tiled',
      setting: '',
      dispatches: [
        {
          shader: tiled,
          constants: grid.constants,
          bind,
          params: { ...params, matrices },
          workgroups: grid.workgroups,
        },
      ],
    };
    const baseline: Candidate = {
      kernel: 'matmul-naive',
      setting: '',
      dispatches: [
        {
          shader: naive,
          constants: { WORKGROUP },
          bind,
          params: { ...params, size },
          workgroups: grid1d(size, WORKGROUP, device),
        },
      ],
    };
    return gridFits(grid.workgroups, device) ? [inTiles, baseline] : [baseline];
  },
};
