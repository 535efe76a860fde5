import wgsl from '../../../shaders/where.wgsl?raw';
import { grid1d, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { broadcastStrides, stridedBox } from './strided-box';
import { paddedChannels } from './strided-copy';

const shader = defineShader('where', wgsl);
const WORKGROUP = 64;

/** A choice between two tensors with broadcasting, from any layouts. */
export const where: OperatorKernels<'where'> = {
  layouts: (node, graph, have) => {
    const isImage = graph.values.get(node.outputs[0])!.shape.length === 4;
    return { inputs: [...have], outputs: [isImage && have.slice(1).includes('nhwc4') ? 'nhwc4' : 'linear'] };
  },
  candidates: ({ inputs, outputs: [y], device }) => {
    const [condition, a, b] = inputs;
    const box = stridedBox(
      y.shape,
      [y.strides, ...inputs.map((input) => broadcastStrides(input, y.shape))],
      paddedChannels(y),
    );
    const [toStrides, conditionStrides, aStrides, bStrides] = box.strides;
    return [
      {
        kernel: 'where',
        setting: '',
        dispatches: [
          {
            shader,
            constants: { FIRST_AXIS: box.firstAxis, WORKGROUP },
            bind: { condition: tensor(condition), a: tensor(a), b: tensor(b), y: tensor(y) },
            params: {
              shape: box.extents,
              condition_strides: conditionStrides,
              a_strides: aStrides,
              b_strides: bStrides,
              y_strides: toStrides,
              condition_offset: condition.offset,
              a_offset: a.offset,
              b_offset: b.offset,
              y_offset: y.offset,
              size: box.size,
              valid: box.valid,
            },
            workgroups: grid1d(box.size, WORKGROUP, device),
            storage: y.dtype === 'float32' ? 'float' : 'int32',
          },
        ],
      },
    ];
  },
};
