import wgsl from '../../../shaders/gather.wgsl?raw';
import { sizeOf } from '../../tensor';
import { linearGrid } from '../grid';
import { allLinear, candidate, elementStorage, type OperatorKernels } from '../kernel';
import { offsets } from '../layout';
import { defineShader } from '../shader';

const shader = defineShader('gather', wgsl);

/** Slices along one axis by index. */
export const gather: OperatorKernels<'gather'> = {
  layouts: allLinear,
  candidates: ({ node, inputs: [x, indices], outputs: [y], device }) => {
    const { axis } = node.attributes;
    const size = sizeOf(y.shape);
    return [
      candidate(shader, {
        grid: linearGrid(size, device),
        bind: { x, indices, y },
        params: {
          size,
          count: sizeOf(indices.shape),
          inner: sizeOf(x.shape.slice(axis + 1)),
          length: x.shape[axis],
          ...offsets({ x, indices, y }),
        },
        storage: elementStorage(x),
      }),
    ];
  },
};
