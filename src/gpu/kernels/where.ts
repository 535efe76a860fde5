import wgsl from '../../../shaders/where.wgsl?raw';
import { linearGrid } from '../grid';
import { candidate, elementStorage, type OperatorKernels } from '../kernel';
import { offsets } from '../layout';
import { defineShader } from '../shader';
import { broadcastStrides, stridedBox } from './strided-box';
import { paddedChannels } from './strided-copy';

const shader = defineShader('where', wgsl);

/** A choice between two tensors with broadcasting, from any layouts. */
export const where: OperatorKernels<'where'> = {
  layouts: (node, graph, have) => {
    const isImage = graph.values.get(node.outputs[0])!.shape.length === 4;
    return { inputs: have, outputs: [isImage && have.slice(1).includes('nhwc4') ? 'nhwc4' : 'linear'] };
  },
  candidates: ({ inputs, outputs: [y], device }) => {
    const [condition, a, b] = inputs;
    const strides = [y.strides, ...inputs.map((input) => broadcastStrides(input, y.shape))];
    const box = stridedBox(y.shape, strides, paddedChannels(y));
    return [
      candidate(shader, {
        grid: linearGrid(box.size, device),
        constants: { FIRST_AXIS: box.firstAxis },
        bind: { condition, a, b, y },
        params: {
          shape: box.extents,
          condition_strides: box.strides[1],
          a_strides: box.strides[2],
          b_strides: box.strides[3],
          y_strides: box.strides[0],
          ...offsets({ condition, a, b, y }),
          size: box.size,
          valid: box.valid,
        },
        storage: elementStorage(y),
      }),
    ];
  },
};
