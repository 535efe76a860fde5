import naiveWgsl from '../../../shaders/matmul-naive.wgsl?raw';
import tiledWgsl from '../../../shaders/matmul-tiled.wgsl?raw';
import workgroupWgsl from '../../../shaders/matmul-workgroup.wgsl?raw';
import { ArgumentError } from '../../errors';
import { boxGrid, linearGrid } from '../grid';
import { allLinear, candidate, type OperatorKernels } from '../kernel';
import { ceilDiv, offsets } from '../layout';
import { defineShader } from '../shader';
import { batchStrides, leadingAxes, MAX_RANK } from './strided-box';

const naive = defineShader('matmul-naive', naiveWgsl);
const tiled = defineShader('matmul-tiled', tiledWgsl);
const inWorkgroups = defineShader('matmul-workgroup', workgroupWgsl);
const { TILE } = tiled.consts;
const EXTENT = inWorkgroups.consts.TILE * inWorkgroups.consts.SIDE;

/** Batched matrix product: its variants, the best guess first. */
export const matmul: OperatorKernels<'matmul'> = {
  layouts: allLinear,
  candidates: ({ inputs: [a, b], outputs: [y], device }) => {
    const batch = y.shape.slice(0, -2);
    if (batch.length > MAX_RANK) {
      throw new ArgumentError(`it has ${batch.length} leading axes, and the kernels know ${MAX_RANK}`);
    }
    const [rows, columns] = y.shape.slice(-2);
    const matrices = batch.reduce((product, extent) => product * extent, 1);
    const bind = { a, b, y };
    const params = {
      shape: leadingAxes(batch, 1),
      a_strides: batchStrides(a),
      b_strides: batchStrides(b),
      ...offsets({ a, b, y }),
      rows,
      columns,
      depth: a.shape.at(-1)!,
    };
    const size = matrices * rows * columns;
    const grid = boxGrid([ceilDiv(columns, TILE), ceilDiv(rows, TILE), matrices], device);
    return [
      candidate(tiled, { grid, bind, params: { ...params, matrices } }),
      candidate(inWorkgroups, {
        grid: { workgroups: [ceilDiv(columns, EXTENT), ceilDiv(rows, EXTENT), matrices] },
        bind,
        params: { ...params, matrices },
      }),
      candidate(naive, { grid: linearGrid(size, device), bind, params: { ...params, size } }),
    ];
  },
};
