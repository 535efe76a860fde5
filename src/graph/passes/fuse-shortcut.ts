import { type Shape, sameShape, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor, isBare } from './editor';
import type { Pass, Target } from './pass';
import { invocationsFor, keepsSize } from './windows';

type Conv = GraphNode<'conv2d'>;

/**
 * Merges the projected shortcut of a residual block into the 3×3 convolution that adds it: the 1×1 convolution, and the max
 * pooling that it reads. Three launches become one.
 */
export function fuseShortcut(target: Target): Pass {
  return (graph) => {
    const editor = new GraphEditor(graph);
    for (const conv of editor.nodes()) {
      if (conv.op === 'conv2d' && pays(editor.shape(conv.outputs[0]), target)) fuse(editor, conv);
    }
    return editor.build();
  };
}

function fuse(editor: GraphEditor, sum: Conv): void {
  const term = sum.attributes.residual === 'before-activation' && editor.madeFor(sum.inputs[3], sum, 'conv2d');
  if (!term || !isBare(term) || !sameShape(editor.shape(sum.inputs[3]), editor.shape(sum.outputs[0]))) return;
  // Either convolution may be the one that adds the other.
  const [conv, projection] = isProjection(term, editor) ? [sum, term] : [term, sum];
  if (!keepsSize(conv, editor.shape(conv.inputs[1])) || !isProjection(projection, editor)) return;
  const [x, weight, bias] = conv.inputs;
  const [projected, projectionWeight, projectionBias] = projection.inputs;
  const [b, c] = [bias, projectionBias].map((name) => editor.constant(name));
  if (!b || !c || ![weight, projectionWeight].every((name) => editor.constant(name))) return;
  const biases = b.data.map((v, o) => v + c.data[o]) as Float32Array;
  const pooling = poolingOf(editor, projection);
  const [shortcut, pool, stride] = pooling
    ? [pooling.inputs[0], pooling.attributes.kernel, pooling.attributes.stride]
    : [projected, [1, 1] as const, projection.attributes.stride];
  const biasSum = editor.addConstant(`${bias}+${projectionBias}`, Tensor.float32(b.shape, biases));
  editor.replace(sum, {
    name: sum.name,
    op: 'shortcut-conv2d',
    attributes: { pool, stride, activation: sum.attributes.activation },
    inputs: [x, weight, biasSum, shortcut, projectionWeight],
    outputs: sum.outputs,
  });
  editor.remove(term);
  if (pooling) editor.remove(pooling);
}

/** Whether it is a 1×1 convolution of any stride, in one group. */
function isProjection({ inputs, attributes: { padding, groups } }: Conv, editor: GraphEditor): boolean {
  const [, , height, width] = editor.shape(inputs[1]);
  return [height, width, groups].every((v) => v === 1) && padding.every((v) => v === 0);
}

/** The max pooling that a projection alone reads, if all its windows lie within the picture. */
function poolingOf(editor: GraphEditor, projection: Conv): GraphNode<'max-pool2d'> | undefined {
  const pooling = editor.madeFor(projection.inputs[0], projection, 'max-pool2d');
  if (!pooling || projection.attributes.stride.some((step) => step > 1)) return undefined;
  const { kernel, stride, dilation, padding } = pooling.attributes;
  const [picture, pooled] = [pooling.inputs[0], pooling.outputs[0]].map((value) => editor.shape(value).slice(2));
  const fits = picture.every((size, axis) => (pooled[axis] - 1) * stride[axis] + kernel[axis] <= size);
  return fits && dilation.every((v) => v === 1) && padding.every((v) => v === 0) ? pooling : undefined;
}

/**
 * Whether a GPU waits for launches more than for the sums over so few outputs. Where there are more, a convolution that
 * makes larger tiles is worth them; where shaders ask for a subgroup size, one whose subgroups share their weights.
 */
function pays(shape: Shape, target: Target): boolean {
  const { software, subgroupSize, sharedSumInvocations = 0 } = target;
  return !software && subgroupSize === undefined && invocationsFor(shape) <= 2 * sharedSumInvocations;
}
