import type { Tensor } from '../../../src';
import { make } from '../../dom';
import { convolutionAt, type Place } from '../convolution';
import type { Looked } from '../looked';
import { shortcutAt } from '../shortcut';
import { stagesAt } from '../stages';
import { showStages, showSteps } from '../steps';
import { decodeAt, showDecode } from './decode';
import { poolingAt, showPooling } from './pooling';
import { resizeAt, showResize } from './resize';
import { showSoftmax, softmaxAt } from './softmax';
import { showSuppression } from './suppression';

/**
 * One element of a layer's output taken apart step by step, for the operators that have a view of their own.
 *
 * @param at its place in the output as an image
 * @param index its place in the output's data
 */
export function takeApart(looked: Looked, at: Place, index: number): HTMLElement | undefined {
  const { listing, layer, values } = looked;
  const { node } = layer;
  const inputs = node.inputs.map((name) => values.get(name) ?? listing.graph.constants.get(name));
  if (!inputs.every((input): input is Tensor => input !== undefined)) return undefined;
  switch (node.op) {
    case 'conv2d':
      return showSteps(convolutionAt(node.attributes, inputs, at));
    case 'shortcut-conv2d':
      return showSteps(shortcutAt(node, inputs, at));
    case 'separable-conv2d':
    case 'separable-expand':
      return showStages(stagesAt(node, inputs, layer.output, at), at.channel);
    case 'max-pool2d':
    case 'average-pool2d':
    case 'global-pool2d':
      return view('The pooling step by step', showPooling(poolingAt(node, inputs[0], at)));
    case 'resize2d':
      return view('The resize step by step', showResize(resizeAt(node, inputs[0], at)));
    case 'softmax':
      return view(
        'The softmax step by step',
        showSoftmax({ labels: softmaxLabels(looked) }, softmaxAt(node, inputs[0], index)),
      );
    case 'ssd-decode': {
      const steps = decodeAt(node, inputs[0], inputs[1], Math.floor(index / 4));
      return view('The box step by step', showDecode(looked, node.attributes.variances, steps));
    }
    case 'non-maximum-suppression':
      return view('The suppression step by step', showSuppression(looked, inputs[0], inputs[1], node.attributes));
    default:
      return undefined;
  }
}

/** A classifier's softmax may have a class more, for what it does not know, which is cut off behind it. */
function softmaxLabels({ listing: { graph }, layer, labels }: Looked): readonly string[] {
  const isCut = graph.nodes.some(
    ({ op, inputs, attributes }) =>
      op === 'slice' && inputs[0] === layer.output && attributes.starts.every((start) => start === 0),
  );
  return isCut ? [...labels, 'none of these'] : labels;
}

const view = (label: string, parts: readonly HTMLElement[]): HTMLElement =>
  make('section', { class: 'steps', 'aria-label': label }, make('div', { class: 'products' }, ...parts));
