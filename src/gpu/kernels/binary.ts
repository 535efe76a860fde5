import wgsl from '../../../shaders/binary.wgsl?raw';
import type { Graph, GraphNode } from '../../graph/graph';
import { BINARY_FUNCTIONS, isComparison } from '../../operators/binary';
import { sameShape, sizeOf } from '../../tensor';
import { linearGrid, rowGrid } from '../grid';
import {
  type Candidate,
  candidate,
  elementStorage,
  type KernelContext,
  type Launch,
  type NodeLayouts,
  type Operand,
  type OperatorKernels,
  tensor,
} from '../kernel';
import {
  ceilDiv,
  channelBlocks,
  isContiguous,
  type Layout,
  layoutSize,
  layoutStrides,
  offsets,
  type TensorDesc,
  toLayout,
  view,
} from '../layout';
import { defineShader, type ParamValues } from '../shader';
import { compare } from './compare';
import { broadcastStrides, stridedBox } from './strided-box';

const shader = defineShader('binary', wgsl);
const MODES = { flat: 0, image: 1, strided: 2 } as const;

/** One function of two numbers with broadcasting, on whole vec4s of images wherever the shapes allow. */
export const binary: OperatorKernels<'binary'> = {
  layouts,
  candidates: (context) => {
    const { node, inputs, outputs } = context;
    if (isComparison(node.attributes.fn)) return compare(context);
    const [y] = outputs;
    const whole = (x: TensorDesc): boolean =>
      sizeOf(x.shape) === 1 || (sameShape(x.shape, y.shape) && x.layout === y.layout && isContiguous(x));
    const lanesFilled = y.layout === 'linear' || y.shape[1] % 4 === 0;
    if (lanesFilled && isContiguous(y) && inputs.every(whole)) return flat(context);
    return y.layout === 'nhwc4' ? image(context) : strided(context);
  },
};

/** nhwc4 when every operand can be read as vec4s of channels: images, constants, single numbers. */
function layouts(node: GraphNode<'binary'>, graph: Graph, have: readonly Layout[]): NodeLayouts {
  const shapes = node.inputs.map((input) => graph.values.get(input)!.shape);
  const fixed = node.inputs.map((input) => graph.constants.has(input));
  const isImage = shapes.map((shape, i) => !fixed[i] && shape.length === 4);
  const readable = shapes.every((shape, i) => isImage[i] || fixed[i] || sizeOf(shape) === 1);
  const images = readable && isImage.some((image, i) => image && have[i] === 'nhwc4');
  if (!images || graph.values.get(node.outputs[0])!.shape.length !== 4 || isComparison(node.attributes.fn)) {
    return { inputs: have, outputs: ['linear'] };
  }
  return { inputs: have.map((layout, i) => (isImage[i] ? 'nhwc4' : layout)), outputs: ['nhwc4'] };
}

const NO_VIEW = [0, 0, 0, 0] as const;
const NO_AXES = new Array<number>(8).fill(0);
/** Values of the parameters that a mode does not use. */
const UNUSED: ParamValues = {
  a: NO_VIEW,
  b: NO_VIEW,
  shape: NO_AXES,
  a_strides: NO_AXES,
  b_strides: NO_AXES,
  a_offset: 0,
  b_offset: 0,
  elements: 0,
  width: 0,
  height: 0,
  channels: 0,
};

function inMode(
  { node, inputs: [a, b], outputs: [y] }: KernelContext<'binary'>,
  mode: keyof typeof MODES,
  { grid, constants, bind, params }: Partial<Launch> & Pick<Launch, 'grid'>,
): Candidate[] {
  const launch: Launch = {
    grid,
    constants: {
      FUNCTION: BINARY_FUNCTIONS.indexOf(node.attributes.fn),
      INTEGER: y.dtype !== 'float32',
      MODE: MODES[mode],
      ...constants,
    },
    bind: { a, b, y, ...bind },
    params: { ...UNUSED, ...params },
    storage: elementStorage(y),
  };
  return [candidate(shader, launch, mode)];
}

function flat(context: KernelContext<'binary'>): Candidate[] {
  const [y] = context.outputs;
  const [a, b] = context.inputs;
  const size = ceilDiv(layoutSize(y.shape, y.layout), 4);
  const single = (x: TensorDesc): boolean => sizeOf(x.shape) === 1 && sizeOf(y.shape) !== 1;
  return inMode(context, 'flat', {
    grid: linearGrid(size, context.device),
    constants: { A_SPLAT: single(a), B_SPLAT: single(b) },
    params: { a: [a.offset / 4, 0, 0, 0], b: [b.offset / 4, 0, 0, 0], y: [y.offset / 4, 0, 0, 0], size },
  });
}

function image(context: KernelContext<'binary'>): Candidate[] {
  const [y] = context.outputs;
  const [a, b] = context.inputs.map((x) => imageOperand(x, y));
  const [batch, channels, height, width] = y.shape;
  return inMode(context, 'image', {
    grid: rowGrid(width * channelBlocks(channels), batch * height, context.device),
    constants: { A_SPLAT: a.splat, B_SPLAT: b.splat },
    bind: { a: a.operand, b: b.operand },
    params: { a: a.view, b: b.view, y: view(y), size: batch * height, width, height, channels },
  });
}

/** An operand as nhwc4: constants of any rank are packed so, and a single number serves every lane. */
function imageOperand(x: TensorDesc, y: TensorDesc): { operand: Operand; view: number[]; splat: boolean } {
  if (!x.constant) {
    const single = sizeOf(x.shape) === 1;
    const splat = single || x.shape[1] === 1;
    return { operand: tensor(x), view: single ? [x.offset / 4, 0, 0, 0] : view(x, y), splat };
  }
  const { data } = x.constant;
  const shape = [...new Array<number>(4 - x.shape.length).fill(1), ...x.shape];
  const numbers = data instanceof Uint8Array ? Int32Array.from(data) : data;
  const packed: TensorDesc = { ...x, shape, offset: 0, strides: layoutStrides(shape, 'nhwc4') };
  return {
    operand: { kind: 'constant', key: `${x.value}/nhwc4`, pack: () => toLayout(numbers, shape, 'nhwc4') },
    view: view(packed, y),
    splat: shape[1] === 1,
  };
}

function strided(context: KernelContext<'binary'>): Candidate[] {
  const [y] = context.outputs;
  const [a, b] = context.inputs;
  const elements = sizeOf(y.shape);
  const box = stridedBox(y.shape, [y.strides, broadcastStrides(a, y.shape), broadcastStrides(b, y.shape)]);
  const size = ceilDiv(elements, 4);
  return inMode(context, 'strided', {
    grid: linearGrid(size, context.device),
    constants: { FIRST_AXIS: box.firstAxis },
    params: {
      y: [y.offset / 4, 0, 0, 0],
      shape: box.extents,
      a_strides: box.strides[1],
      b_strides: box.strides[2],
      ...offsets({ a, b }),
      size,
      elements,
    },
  });
}
