import wgsl from '../../../shaders/compare.wgsl?raw';
import { BINARY_FUNCTIONS } from '../../operators/binary';
import { type Candidate, grid1d, type KernelContext, tensor } from '../kernel';
import { defineShader } from '../shader';
import { broadcastStrides, stridedBox } from './strided-box';

const shader = defineShader('compare', wgsl);
const WORKGROUP = 64;

/** A question about two numbers, with broadcasting, from operands in any layout to a row-major bool. */
export function compare({ node, inputs: [a, b], outputs: [y], device }: KernelContext<'binary'>): Candidate[] {
  const box = stridedBox(y.shape, [y.strides, broadcastStrides(a, y.shape), broadcastStrides(b, y.shape)]);
  return [
    {
      kernel: 'compare',
      setting: '',
      dispatches: [
        {
          shader,
          constants: {
            FUNCTION: BINARY_FUNCTIONS.indexOf(node.attributes.fn),
            FIRST_AXIS: box.firstAxis,
            WORKGROUP,
          },
          bind: { a: tensor(a), b: tensor(b), y: tensor(y) },
          params: {
            shape: box.extents,
            a_strides: box.strides[1],
            b_strides: box.strides[2],
            a_offset: a.offset,
            b_offset: b.offset,
            y_offset: y.offset,
            size: box.size,
          },
          workgroups: grid1d(box.size, WORKGROUP, device),
          storage: a.dtype === 'float32' ? 'float' : 'int32',
        },
      ],
    },
  ];
}
