import { type GraphNode, Tensor } from '../../src';
import { separableExtras } from '../../src/operators/separable-conv2d';
import { inputsOfBoth } from '../../src/operators/separable-expand';
import { conv2d } from '../../src/reference/conv2d';
import { type ConvolutionSteps, convolutionAt, element, type Place } from './convolution';

/** One of the convolutions that a layer joins, at the pixel that is looked at. */
export interface Stage {
  readonly title: string;
  at(channel: number): ConvolutionSteps;
}

/** Layers whose launch computes several convolutions, each on what the one before it makes. */
export type JoinedNode = GraphNode<'separable-conv2d'> | GraphNode<'separable-expand'>;

type Conv2dAttributes = GraphNode<'conv2d'>['attributes'];

/**
 * The convolutions behind an output of a joined layer at a pixel, the last first: each reads what the one after it in
 * this list makes there.
 */
export function stagesAt(node: JoinedNode, inputs: readonly Tensor[], output: string, place: Place): Stage[] {
  if (node.op === 'separable-conv2d') return separableAt(inputs, node.attributes, place).stages;
  const { separable, expand } = node.attributes;
  const { stages, operands } = separableAt(inputsOfBoth(inputs, inputs[0])[0], separable, place);
  if (output === node.outputs[0]) return stages;
  const y = conv2d(operands, separable.pointwise, [[1, operands[2].size, 1, 1]]);
  return [onPixel('The 1×1 convolution that follows', inputsOfBoth(inputs, y)[1], expand), ...stages];
}

function separableAt(
  inputs: readonly Tensor[],
  attributes: GraphNode<'separable-conv2d'>['attributes'],
  { row, column }: Place,
): { stages: Stage[]; operands: Tensor[] } {
  const [x, filters, filterBias, weight, bias] = inputs;
  const [residual, slopes] = separableExtras(inputs, attributes);
  const depthwise = (channel: number): ConvolutionSteps => {
    const place = { channel, row, column };
    const steps = convolutionAt(attributes.depthwise, [x, filters, filterBias], place);
    if (!slopes) return steps;
    const result = steps.result < 0 ? steps.result * Number(slopes.data[channel]) : steps.result;
    return { ...steps, activation: 'prelu', result };
  };
  const operands = [pixelOf(filters.shape[0], (channel) => depthwise(channel).result), weight, bias];
  if (residual) {
    const added = (channel: number): number =>
      // Channels that the residual lacks are zero.
      channel < residual.shape[1] ? element(residual, { channel, row, column }) : 0;
    operands.push(pixelOf(bias.size, added));
  }
  return {
    stages: [
      onPixel('The 1×1 convolution', operands, attributes.pointwise),
      { title: 'The depthwise convolution before it', at: depthwise },
    ],
    operands,
  };
}

/** An image of one pixel. */
const pixelOf = (channels: number, at: (channel: number) => number): Tensor =>
  Tensor.float32(
    [1, channels, 1, 1],
    Array.from({ length: channels }, (_, channel) => at(channel)),
  );

const onPixel = (title: string, operands: readonly Tensor[], attributes: Conv2dAttributes): Stage => ({
  title,
  at: (channel) => convolutionAt(attributes, operands, { channel, row: 0, column: 0 }),
});
