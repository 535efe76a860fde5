import wgsl from '../../../shaders/top-k-rank.wgsl?raw';
import { grid1d, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { keptAxes, rowsOf } from './rows';

const shader = defineShader('top-k-rank', wgsl);
const WORKGROUP = 64;

/** The k greatest or least values along any axis, from either layout. */
export const topK: OperatorKernels<'top-k'> = {
  layouts: (_node, _graph, have) => ({ inputs: [have[0]], outputs: ['linear', 'linear'] }),
  candidates: ({ node, inputs: [x], outputs: [values, indices], device }) => {
    const { axis, k, largest } = node.attributes;
    const length = x.shape[axis];
    const integer = x.dtype !== 'float32';
    const walk = rowsOf(keptAxes(x, values, [axis], (a) => a));
    if (!walk) return [];
    const { valid: _, ...rows } = walk;
    return [
      {
        kernel: 'top-k-rank',
        setting: '',
        dispatches: [
          {
            shader,
            constants: { INTEGER: Number(integer), LEAST: Number(!largest), WORKGROUP },
            bind: { x: tensor(x), values: tensor(values), indices: tensor(indices) },
            params: {
              ...rows,
              length,
              kept: k,
              x_offset: x.offset,
              x_stride: x.strides[axis],
              values_offset: values.offset,
              indices_offset: indices.offset,
              y_stride: values.strides[axis],
            },
            workgroups: grid1d(walk.count * length, WORKGROUP, device),
            storage: integer ? 'int32' : 'float',
          },
        ],
      },
    ];
  },
};
