import { type Shape, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass, Target } from './pass';
import { doubling } from './upsampling';
import { invocationsFor, keepsSize } from './windows';

/**
 * Merges a resize that doubles a picture, the concatenation with a skip connection, and the 3×3 convolution that reads
 * them into one node, where that pays. Neither the doubled nor the joined picture is stored then.
 */
export function fuseUpsampling(target: Target): Pass {
  return (graph) => {
    const editor = new GraphEditor(graph);
    for (const conv of editor.nodes()) if (conv.op === 'conv2d') fuse(editor, conv, target);
    return editor.build();
  };
}

function fuse(editor: GraphEditor, conv: GraphNode<'conv2d'>, target: Target): void {
  const [x, weightName, biasName] = conv.inputs;
  const [weight, bias] = [editor.constant(weightName), editor.constant(biasName)];
  if (!weight || !bias || !keepsSize(conv, weight.shape) || conv.attributes.residual !== 'none') return;
  const concat = editor.madeFor(x, conv, 'concat');
  if (concat && (concat.attributes.axis !== 1 || concat.inputs.length !== 2)) return;
  const parts = concat ? concat.inputs : [x];
  for (const [i, part] of parts.entries()) {
    const resize = editor.madeFor(part, concat ?? conv, 'resize2d');
    const low = resize && editor.shape(resize.inputs[0]);
    const mode = resize && doubling(resize.attributes, low!);
    if (!resize || !mode || !pays(mode, low!, editor.shape(conv.outputs[0]), target)) continue;
    const inOrder = i === 0 ? weightName : editor.addConstant(weightName, withLastFirst(weight, low![1]));
    editor.replace(conv, {
      name: conv.name,
      op: 'upsample-conv2d',
      attributes: { mode, activation: conv.attributes.activation },
      inputs: [resize.inputs[0], inOrder, biasName, ...parts.toSpliced(i, 1)],
      outputs: conv.outputs,
    });
    editor.remove(resize);
    if (concat) editor.remove(concat);
    return;
  }
}

/** How many multiply-adds a GPU computes while it moves a byte, at the speed of convolutions: 5 on phones, up to 10. */
const MULTIPLY_ADDS_PER_BYTE = 6;

/**
 * Whether the convolution is faster if it doubles the picture `[N, C, H, W]` while it reads, counted per channel.
 *
 * Where sums are shared out, a GPU waits for loads and launches, and interpolates meanwhile. Elsewhere a doubled number
 * costs 8 bytes: it is written and read again. Repeating pixels costs nothing, and two rows of taps of the small picture
 * replace three of the large one. Linear interpolation costs 27 · O more weights, and interpolates each pixel again for
 * every four output channels and every row of taps: 9 / 4 · O multiply-adds.
 *
 * On a software adapter memory is cheaper than branches, as measured in bench/LOG.md. Where shaders ask for a subgroup size,
 * convolutions of one picture share their weights in a subgroup, which these do not.
 */
function pays(mode: 'nearest' | 'linear', low: Shape, made: Shape, target: Target): boolean {
  const { software, subgroupSize, sharedSumInvocations = 0 } = target;
  if (software || subgroupSize !== undefined) return false;
  if (mode === 'nearest' || invocationsFor(made) <= sharedSumInvocations) return true;
  const [batch, , height, width] = low;
  const outChannels = made[1];
  const savedBytes = 8 - ((9 / 4) * outChannels) / MULTIPLY_ADDS_PER_BYTE;
  return 4 * batch * height * width * savedBytes > 4 * 27 * outChannels;
}

/** The filters with their last `count` input channels moved to the front. */
function withLastFirst(weight: Tensor, count: number): Tensor {
  const [outChannels, channels, height, width] = weight.shape;
  const taps = height * width;
  const data = new Float32Array(weight.size);
  for (let o = 0; o < outChannels; o++) {
    const filter = weight.data.subarray(o * channels * taps, (o + 1) * channels * taps);
    const split = (channels - count) * taps;
    data.set(filter.subarray(split), o * channels * taps);
    data.set(filter.subarray(0, split), (o * channels + count) * taps);
  }
  return Tensor.float32(weight.shape, data);
}
