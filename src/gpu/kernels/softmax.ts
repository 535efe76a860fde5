import wgsl from '../../../shaders/softmax.wgsl?raw';
import channelsWgsl from '../../../shaders/softmax-channels.wgsl?raw';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, keepLayout, type OperatorKernels } from '../kernel';
import { offsets, roundUp, view } from '../layout';
import { defineShader } from '../shader';
import { keptAxes, rowsOf, sharings } from './rows';

const general = defineShader('softmax', wgsl);
const overChannels = defineShader('softmax-channels', channelsWgsl);

/** Softmax and its logarithm along any axis, in whichever layout the input has. */
export const softmax: OperatorKernels<'softmax'> = {
  layouts: keepLayout,
  readsParts: 'rows',
  candidates: (context) => [...channels(context), ...rows(context)],
};

/** One invocation per pixel. */
function channels({ node, inputs: [x], outputs: [y], device }: KernelContext<'softmax'>): Candidate[] {
  if (x.layout !== 'nhwc4' || node.attributes.axis !== 1) return [];
  const [batch, count, height, width] = x.shape;
  const size = batch * height * width;
  return [
    candidate(overChannels, {
      grid: linearGrid(size, device),
      constants: { LOG: node.attributes.log },
      bind: { x, y },
      params: { x: view(x), y: view(y), size, width, height, channels: count },
    }),
  ];
}

/** One or more invocations per row. */
function rows({ node, inputs: [x], outputs: [y], device }: KernelContext<'softmax'>): Candidate[] {
  const { axis, log } = node.attributes;
  const image = y.layout === 'nhwc4';
  const inRow = image && axis !== 1 ? [axis, 1] : [axis];
  const lanes = image && axis !== 1 ? { extent: x.shape[1], x: 1, y: 1 } : undefined;
  const walk = rowsOf(
    keptAxes(x, y, inRow, (a) => a),
    lanes,
  );
  if (!walk) return [];
  const length = x.shape[axis];
  const params = {
    ...walk,
    ...offsets({ x, y }),
    length,
    written: image && axis === 1 ? roundUp(length, 4) : length,
    x_stride: x.strides[axis],
    y_stride: y.strides[axis],
  };
  return sharings(length, walk.count, x.strides[axis], device).map(({ grid, setting }) =>
    candidate(general, { grid, constants: { LOG: log }, bind: { x, y }, params }, setting),
  );
}
