import wgsl from '../../../shaders/pad.wgsl?raw';
import stridedWgsl from '../../../shaders/pad-strided.wgsl?raw';
import type { OperatorAttributes } from '../../operators';
import { sizeOf } from '../../tensor';
import { linearGrid, rowGrid } from '../grid';
import { type Candidate, candidate, elementStorage, type KernelContext, type OperatorKernels } from '../kernel';
import { channelBlocks, offsets, view } from '../layout';
import { defineShader } from '../shader';
import { leadingAxes, MAX_RANK } from './strided-box';

const shader = defineShader('pad', wgsl);
const stridedShader = defineShader('pad-strided', stridedWgsl);
const MODES = ['constant', 'reflect', 'edge', 'wrap'] as const;

/** A margin around a tensor: vec4 by vec4 around the rows and columns of an image, element by element otherwise. */
export const pad: OperatorKernels<'pad'> = {
  layouts: ({ attributes }, _graph, [have]) => ({
    inputs: [have],
    outputs: [have === 'nhwc4' && isSpatial(attributes) ? 'nhwc4' : 'linear'],
  }),
  candidates: (context) => (context.outputs[0].layout === 'nhwc4' ? image(context) : strided(context)),
};

const isSpatial = ({ before, after }: OperatorAttributes['pad']): boolean =>
  [0, 1].every((axis) => before[axis] === 0 && after[axis] === 0);

function image({ node: { attributes }, inputs: [x], outputs: [y], device }: KernelContext<'pad'>): Candidate[] {
  const [batch, channels, outHeight, outWidth] = y.shape;
  const rows = batch * outHeight;
  const launch = {
    grid: rowGrid(outWidth * channelBlocks(channels), rows, device),
    constants: { MODE: MODES.indexOf(attributes.mode) },
    bind: { x, y },
    params: {
      x: view(x),
      y: view(y),
      rows,
      out_height: outHeight,
      out_width: outWidth,
      channels,
      in_size: x.shape.slice(2),
      before: attributes.before.slice(2),
      value: attributes.value,
    },
    storage: elementStorage(x),
  };
  return [candidate(shader, launch, attributes.mode)];
}

function strided({ node: { attributes }, inputs: [x], outputs: [y], device }: KernelContext<'pad'>): Candidate[] {
  const size = sizeOf(y.shape);
  const storage = elementStorage(x);
  const integer = storage === 'int32';
  if (y.shape.length > MAX_RANK) return [];
  const launch = {
    grid: linearGrid(size, device),
    constants: { MODE: MODES.indexOf(attributes.mode), INTEGER: integer, FIRST_AXIS: MAX_RANK - y.shape.length },
    bind: { x, y },
    params: {
      shape: leadingAxes(y.shape, 1),
      x_shape: leadingAxes(x.shape, 1),
      x_strides: leadingAxes(x.strides, 0),
      before: leadingAxes(attributes.before, 0),
      ...offsets({ x, y }),
      size,
      value: attributes.value,
      integer_value: integer ? attributes.value : 0,
    },
    storage,
  };
  return [candidate(stridedShader, launch, attributes.mode)];
}
