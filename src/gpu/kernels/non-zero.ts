import countWgsl from '../../../shaders/non-zero-count.wgsl?raw';
import emitWgsl from '../../../shaders/non-zero-emit.wgsl?raw';
import scanWgsl from '../../../shaders/non-zero-scan.wgsl?raw';
import { sizeOf, stridesOf } from '../../tensor';
import { linearGrid } from '../grid';
import { allLinear, dispatch, elementStorage, type OperatorKernels, scratch } from '../kernel';
import { ceilDiv } from '../layout';
import { defineShader } from '../shader';
import { MAX_RANK } from './strided-box';

const countShader = defineShader('non-zero-count', countWgsl);
const scanShader = defineShader('non-zero-scan', scanWgsl);
const emitShader = defineShader('non-zero-emit', emitWgsl);

/** Elements that one invocation goes through. */
const BLOCK = 64;
const SCAN_WORKGROUP = 64;

/** Elements that are not zero, in three launches: counted by blocks, the counts summed up, the indices written. */
export const nonZero: OperatorKernels<'non-zero'> = {
  layouts: allLinear,
  candidates: ({ inputs: [x], outputs: [indices, count], device }) => {
    const rank = x.shape.length;
    if (rank > MAX_RANK) return [];
    const size = sizeOf(x.shape);
    const blocks = ceilDiv(size, BLOCK);
    const counts = scratch('counts', blocks * 4);
    const starts = scratch('starts', (blocks + 1) * 4);
    const storage = elementStorage(x);
    const grid = linearGrid(blocks, device);
    const constants = { INTEGER: x.dtype !== 'float32', BLOCK };
    const perAxis = (list: readonly number[]): number[] => [...list, ...Array<number>(MAX_RANK - rank).fill(1)];
    return [
      {
        kernel: 'non-zero',
        setting: '',
        dispatches: [
          dispatch(countShader, {
            ...{ grid, constants, storage },
            bind: { x, counts },
            params: { size, blocks, x_offset: x.offset },
          }),
          dispatch(scanShader, {
            grid: { workgroups: [1, 1, 1], constants: { WORKGROUP: SCAN_WORKGROUP } },
            bind: { counts, starts, count },
            params: { blocks, count_offset: count.offset },
          }),
          dispatch(emitShader, {
            ...{ grid, constants, storage },
            bind: { x, starts, indices },
            params: {
              ...{ size, blocks, rank, x_offset: x.offset, indices_offset: indices.offset },
              shape: perAxis(x.shape),
              strides: perAxis(stridesOf(x.shape)),
            },
          }),
        ],
      },
    ];
  },
};
