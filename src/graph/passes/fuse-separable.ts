import { NO_EPILOGUE } from '../../operators/epilogue';
import { type Shape, sameShape, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass, Target } from './pass';
import { preluSlopes } from './prelu';
import { isPointwise } from './windows';

/**
 * Merges a depthwise convolution and the one of single pixels that alone reads it into one node, where that pays. What lies
 * between the two is not stored then. The node takes a PReLU between the two along, and the zeros that fill up a residual's
 * channels. A gate that multiplies each channel, as that of squeeze-and-excitation, is a depthwise convolution of 1×1.
 */
export function fuseSeparable(target: Target): Pass {
  return (graph) => {
    if (!target.fusesSeparable) return graph;
    const editor = new GraphEditor(graph);
    for (const conv of editor.nodes()) {
      if (conv.op === 'conv2d' && !fuseGate(editor, conv, target)) fuse(editor, conv, target);
    }
    return editor.build();
  };
}

function fuse(editor: GraphEditor, pointwise: GraphNode<'conv2d'>, target: Target): void {
  const [hidden, weight, bias, residual] = pointwise.inputs;
  const prelu = editor.madeFor(hidden, pointwise, 'binary');
  const slopes = prelu && preluSlopes(editor, prelu);
  const depthwise = slopes
    ? editor.madeFor(prelu.inputs[0], prelu, 'conv2d')
    : editor.madeFor(hidden, pointwise, 'conv2d');
  const constants = [...(depthwise?.inputs.slice(1, 3) ?? []), weight, bias];
  if (!depthwise || depthwise.inputs.length > 3 || !constants.every((name) => editor.constant(name))) return;
  const [x, filters] = depthwise.inputs.map((input) => editor.shape(input));
  const isDepthwise = filters[1] === 1 && filters[0] === x[1];
  const repeats = residual !== undefined && !sameShape(editor.shape(residual), editor.shape(pointwise.outputs[0]));
  if (!isDepthwise || !isPointwise(pointwise, editor.shape(weight)) || repeats) return;
  if (!pays(editor.shape(weight), target)) return;
  if (slopes) editor.remove(prelu);
  editor.remove(depthwise);
  editor.replace(pointwise, {
    name: pointwise.name,
    op: 'separable-conv2d',
    attributes: { depthwise: depthwise.attributes, pointwise: pointwise.attributes },
    inputs: [
      ...depthwise.inputs,
      weight,
      bias,
      ...(residual === undefined ? [] : [withoutZeros(editor, residual, pointwise)]),
      ...(slopes ? [editor.addConstant(`${hidden}/slopes`, Tensor.float32([slopes.length], slopes))] : []),
    ],
    outputs: pointwise.outputs,
  });
}

const GATING = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;

/** @returns whether the convolution reads a picture times a gate, perhaps with another picture added, and took that in */
function fuseGate(editor: GraphEditor, pointwise: GraphNode<'conv2d'>, target: Target): boolean {
  const [hidden, weight, bias, residual] = pointwise.inputs;
  const last = editor.madeFor(hidden, pointwise, 'binary');
  if (!last || !isPointwise(pointwise, editor.shape(weight)) || !pays(editor.shape(weight), target)) return false;
  const repeats = residual !== undefined && !sameShape(editor.shape(residual), editor.shape(pointwise.outputs[0]));
  if (repeats || ![weight, bias].every((name) => editor.constant(name))) return false;
  const shape = editor.shape(hidden);
  const isSum = last.attributes.fn === 'add' && last.inputs.every((term) => sameShape(editor.shape(term), shape));
  const products = isSum ? last.inputs.map((term) => editor.madeFor(term, last, 'binary')) : [last];
  const product = products.find((node) => node?.attributes.fn === 'mul');
  const gate = product?.inputs.find((factor) => sameShape(editor.shape(factor), [1, shape[1], 1, 1]));
  const x = product?.inputs.find((factor) => factor !== gate && sameShape(editor.shape(factor), shape));
  if (!product || gate === undefined || x === undefined || editor.constant(gate) || shape[1] < 2) return false;
  const addend = isSum ? last.inputs.filter((term) => term !== product.outputs[0]) : [];
  editor.remove(product);
  if (isSum) editor.remove(last);
  editor.replace(pointwise, {
    name: pointwise.name,
    op: 'separable-conv2d',
    attributes: {
      depthwise: { ...GATING, groups: shape[1], residual: isSum ? 'before-activation' : 'none' },
      pointwise: pointwise.attributes,
    },
    inputs: [
      x,
      gate,
      editor.addConstant(`${hidden}/zeros`, Tensor.float32([shape[1]])),
      weight,
      bias,
      ...(residual === undefined ? [] : [residual]),
      ...addend,
    ],
    outputs: pointwise.outputs,
  });
  return true;
}

/** The residual before channels of zeros were added behind its own. */
function withoutZeros(editor: GraphEditor, residual: string, reader: GraphNode): string {
  const pad = editor.madeFor(residual, reader, 'pad');
  if (!pad) return residual;
  const { mode, before, after, value } = pad.attributes;
  const isZero = mode === 'constant' && value === 0 && before.every((n) => n === 0);
  if (!isZero || !after.every((n, axis) => (axis === 1 ? n >= 0 : n === 0))) return residual;
  editor.remove(pad);
  return pad.inputs[0];
}

/** vec4s of workgroup memory. */
const MEMORY = 1024;
/** A workgroup holds the channels of four pixels, or of a subgroup's, where shaders ask for its size. */
const PIXELS = 4;
/** Every 32 output channels filter all channels anew. */
const MOST_OUTPUTS = 256;

const pays = ([outChannels, channels]: Shape, { subgroupSize = PIXELS }: Target): boolean =>
  channels <= (4 * MEMORY) / subgroupSize && outChannels <= MOST_OUTPUTS;
