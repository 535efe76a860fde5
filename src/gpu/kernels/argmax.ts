import wgsl from '../../../shaders/argmax.wgsl?raw';
import channelsWgsl from '../../../shaders/argmax-channels.wgsl?raw';
import { type Candidate, grid1d, type KernelContext, type OperatorKernels, tensor, view } from '../kernel';
import { defineShader } from '../shader';
import { keptAxes, rowsOf, sharings } from './rows';

const general = defineShader('argmax', wgsl);
const overChannels = defineShader('argmax-channels', channelsWgsl);
const WORKGROUP = 64;

/** Index of the greatest or least value along any axis, from either layout to row-major int32. */
export const argmax: OperatorKernels<'argmax'> = {
  layouts: (_node, _graph, have) => ({ inputs: [have[0]], outputs: ['linear'] }),
  candidates: (context) => [...channels(context), ...rows(context)],
};

function comparison({ node: { attributes }, inputs: [x] }: KernelContext<'argmax'>) {
  const integer = x.dtype !== 'float32';
  return {
    constants: {
      INTEGER: Number(integer),
      LEAST: Number(attributes.fn === 'argmin'),
      LAST: Number(attributes.selectLast),
    },
    storage: integer ? 'int32' : 'float',
  } as const;
}

/** One invocation per pixel. */
function channels(context: KernelContext<'argmax'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x] = inputs;
  const [y] = outputs;
  if (x.layout !== 'nhwc4' || node.attributes.axis !== 1) return [];
  const [batch, count, height, width] = x.shape;
  const size = batch * height * width;
  const { constants, storage } = comparison(context);
  return [
    {
      kernel: 'argmax-channels',
      setting: '',
      dispatches: [
        {
          shader: overChannels,
          constants: { ...constants, WORKGROUP },
          bind: { x: tensor(x), y: tensor(y) },
          params: { x: view(x), y_offset: y.offset, size, width, height, channels: count },
          workgroups: grid1d(size, WORKGROUP, device),
          storage,
        },
      ],
    },
  ];
}

/** One or more invocations per row. */
function rows(context: KernelContext<'argmax'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x] = inputs;
  const [y] = outputs;
  const { axis, keepDims } = node.attributes;
  const walk = rowsOf(keptAxes(x, y, [axis], (a) => (keepDims || a < axis ? a : a - 1)));
  if (!walk) return [];
  const { valid: _, ...params } = walk;
  const { constants, storage } = comparison(context);
  return sharings(x.shape[axis], walk.count, x.strides[axis], device).map(
    (sharing): Candidate => ({
      kernel: 'argmax',
      setting: sharing.setting,
      dispatches: [
        {
          shader: general,
          constants: { ...constants, ...sharing.constants },
          bind: { x: tensor(x), y: tensor(y) },
          params: {
            ...params,
            x_offset: x.offset,
            y_offset: y.offset,
            length: x.shape[axis],
            x_stride: x.strides[axis],
          },
          workgroups: sharing.grid(walk.count),
          storage,
        },
      ],
    }),
  );
}
