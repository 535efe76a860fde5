import type { Shape } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass, Target } from './pass';
import { isPointwise } from './windows';

/**
 * Merges a depthwise separable convolution and a 1×1 that reads it into one node of two outputs, where that pays: the end
 * of one inverted residual and the start of the next. Others may read what lies between.
 */
export function fuseExpand(target: Target): Pass {
  return (graph) => {
    if (!target.fusesSeparable) return graph;
    const editor = new GraphEditor(graph);
    for (const node of editor.nodes()) if (node.op === 'separable-conv2d') fuse(editor, node, target);
    return editor.build();
  };
}

function fuse(editor: GraphEditor, separable: GraphNode<'separable-conv2d'>, target: Target): void {
  const [y] = separable.outputs;
  // The kernels of both have no operand left for what is added between the first two.
  if (separable.attributes.depthwise.residual !== 'none') return;
  const expand = editor.consumers(y).find((node): node is GraphNode<'conv2d'> => isExpansion(editor, node, y));
  if (!expand || !pays(editor.shape(y), target)) return;
  const [, weight, bias] = expand.inputs;
  editor.remove(expand);
  editor.replace(separable, {
    name: separable.name,
    op: 'separable-expand',
    attributes: { separable: separable.attributes, expand: expand.attributes },
    inputs: [...separable.inputs.slice(0, 5), weight, bias, ...separable.inputs.slice(5)],
    outputs: [y, ...expand.outputs],
  });
}

function isExpansion(editor: GraphEditor, node: GraphNode, y: string): boolean {
  if (node.op !== 'conv2d') return false;
  const [x, weight, bias, residual] = node.inputs;
  const isOfY = x === y && residual === undefined && isPointwise(node, editor.shape(weight));
  return isOfY && editor.constant(weight) !== undefined && editor.constant(bias) !== undefined;
}

/** A workgroup makes all channels between the two for its pixels, and reads the weights of all outputs. */
const MOST_CHANNELS = 128;
/** With subgroups of a chosen size it has more pixels, so that few workgroups are left where channels are many. */
const MOST_CHANNELS_OF_SUBGROUPS = 32;
/** Tiles of four pixels of a row, for each channel: the more channels a workgroup makes, the more have to share the work. */
const LEAST_TILES = 0.4;

function pays([batch, channels, height, width]: Shape, { subgroupSize }: Target): boolean {
  const mostChannels = subgroupSize === undefined ? MOST_CHANNELS : MOST_CHANNELS_OF_SUBGROUPS;
  return channels <= mostChannels && batch * height * Math.ceil(width / 4) >= LEAST_TILES * channels;
}
