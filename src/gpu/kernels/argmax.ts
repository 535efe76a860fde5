import wgsl from '../../../shaders/argmax.wgsl?raw';
import channelsWgsl from '../../../shaders/argmax-channels.wgsl?raw';
import { linearGrid } from '../grid';
import {
  type Candidate,
  candidate,
  elementStorage,
  type KernelContext,
  type OperatorKernels,
  toLinear,
} from '../kernel';
import { offsets, view } from '../layout';
import { defineShader } from '../shader';
import { keptAxes, rowsOf, sharings } from './rows';

const general = defineShader('argmax', wgsl);
const overChannels = defineShader('argmax-channels', channelsWgsl);

/** Index of the greatest or least value along any axis, from either layout to row-major int32. */
export const argmax: OperatorKernels<'argmax'> = {
  layouts: toLinear,
  candidates: (context) => [...channels(context), ...rows(context)],
};

function comparison({ node: { attributes }, inputs: [x] }: KernelContext<'argmax'>) {
  const storage = elementStorage(x);
  const { fn, selectLast } = attributes;
  return { storage, constants: { INTEGER: storage === 'int32', LEAST: fn === 'argmin', LAST: selectLast } };
}

/** One invocation per pixel. */
function channels(context: KernelContext<'argmax'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x] = inputs;
  const [y] = outputs;
  if (x.layout !== 'nhwc4' || node.attributes.axis !== 1) return [];
  const [batch, count, height, width] = x.shape;
  const size = batch * height * width;
  return [
    candidate(overChannels, {
      ...comparison(context),
      grid: linearGrid(size, device),
      bind: { x, y },
      params: { x: view(x), y_offset: y.offset, size, width, height, channels: count },
    }),
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
  const { valid: _, ...rows } = walk;
  const [length, x_stride] = [x.shape[axis], x.strides[axis]];
  const params = { ...rows, ...offsets({ x, y }), length, x_stride };
  return sharings(length, walk.count, x_stride, device).map(({ grid, setting }) =>
    candidate(general, { ...comparison(context), grid, bind: { x, y }, params }, setting),
  );
}
