import wgsl from '../../../shaders/compare.wgsl?raw';
import { BINARY_FUNCTIONS } from '../../operators/binary';
import { linearGrid } from '../grid';
import { type Candidate, candidate, elementStorage, type KernelContext } from '../kernel';
import { offsets } from '../layout';
import { defineShader } from '../shader';
import { broadcastStrides, stridedBox } from './strided-box';

const shader = defineShader('compare', wgsl);

/** A question about two numbers, with broadcasting, from operands in any layout to a row-major bool. */
export function compare({ node, inputs: [a, b], outputs: [y], device }: KernelContext<'binary'>): Candidate[] {
  const box = stridedBox(y.shape, [y.strides, broadcastStrides(a, y.shape), broadcastStrides(b, y.shape)]);
  return [
    candidate(shader, {
      grid: linearGrid(box.size, device),
      constants: { FUNCTION: BINARY_FUNCTIONS.indexOf(node.attributes.fn), FIRST_AXIS: box.firstAxis },
      bind: { a, b, y },
      params: {
        shape: box.extents,
        a_strides: box.strides[1],
        b_strides: box.strides[2],
        ...offsets({ a, b, y }),
        size: box.size,
      },
      storage: elementStorage(a),
    }),
  ];
}
