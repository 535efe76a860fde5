import wgsl from '../../../shaders/gather.wgsl?raw';
import { sizeOf } from '../../tensor';
import { grid1d, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';

const shader = defineShader('gather', wgsl);
const WORKGROUP = 64;

/** Slices along one axis by index. */
export const gather: OperatorKernels<'gather'> = {
  layouts: () => ({ inputs: ['linear', 'linear'], outputs: ['linear'] }),
  candidates: ({ node, inputs: [x, indices], outputs: [y], device }) => {
    const { axis } = node.attributes;
    const size = sizeOf(y.shape);
    return [
      {
        kernel: 'gather',
        setting: '',
        dispatches: [
          {
            shader,
            constants: { WORKGROUP },
            bind: { x: tensor(x), indices: tensor(indices), y: tensor(y) },
            params: {
              size,
              count: sizeOf(indices.shape),
              inner: sizeOf(x.shape.slice(axis + 1)),
              length: x.shape[axis],
              x_offset: x.offset,
              indices_offset: indices.offset,
              y_offset: y.offset,
            },
            workgroups: grid1d(size, WORKGROUP, device),
            storage: x.dtype === 'float32' ? 'float' : 'int32',
          },
        ],
      },
    ];
  },
};
