import type { GraphNode, Tensor } from '../../src';
import { windowOutput } from '../../src/operators/window';
import { unaryFunction } from '../../src/reference/unary';

type Attributes = GraphNode<'conv2d'>['attributes'];

/** Where an element of an image `[1, C, H, W]` is. */
export interface Place {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** What one input channel gives to an output element. The lists have one entry for each tap of the kernel, by rows. */
export interface ChannelTerms {
  readonly channel: number;
  /** The input under the kernel; padding is 0. */
  readonly patch: readonly number[];
  /** Which taps lie on padding. */
  readonly padded: readonly boolean[];
  readonly kernel: readonly number[];
  readonly sum: number;
}

/** One element of a convolution's output, taken apart. */
export interface ConvolutionSteps {
  /** Rows and columns of the kernel. */
  readonly size: readonly [rows: number, columns: number];
  readonly channels: readonly ChannelTerms[];
  readonly bias: number;
  /** What is added from another layer, and when. */
  readonly residual: { readonly value: number; readonly when: 'before-activation' | 'after-activation' } | undefined;
  /** Before the activation. */
  readonly sum: number;
  readonly activation: string;
  readonly result: number;
}

/** Takes one element of a convolution apart, in float64. */
export function convolutionAt(attributes: Attributes, inputs: readonly Tensor[], at: Place): ConvolutionSteps {
  const [x, weight, bias, residualTensor] = inputs;
  const { groups, activation, residual: when } = attributes;
  const [outChannels, groupChannels, rows, columns] = weight.shape;
  const first = Math.floor(at.channel / (outChannels / groups)) * groupChannels;
  const taps = rows * columns;
  const channels = Array.from({ length: groupChannels }, (_, c): ChannelTerms => {
    const { patch, padded } = patchOf(x, { ...at, channel: first + c }, [rows, columns], attributes);
    const start = (at.channel * groupChannels + c) * taps;
    const kernel = Array.from(weight.data.subarray(start, start + taps), Number);
    return {
      channel: first + c,
      patch,
      padded,
      kernel,
      sum: patch.reduce((sum, value, i) => sum + value * kernel[i], 0),
    };
  });
  const residual =
    when === 'none'
      ? undefined
      : { value: element(residualTensor, residualPlace(attributes, x, weight, residualTensor, at)), when };
  const biasValue = Number(bias.data[at.channel]);
  let sum = channels.reduce((all, terms) => all + terms.sum, biasValue);
  if (residual?.when === 'before-activation') sum += residual.value;
  let result = unaryFunction(activation)(sum);
  if (residual?.when === 'after-activation') result += residual.value;
  return { size: [rows, columns], channels, bias: biasValue, residual, sum, activation: activation.fn, result };
}

type Window = Pick<Attributes, 'stride' | 'dilation' | 'padding'>;

/** The elements of one channel under a window, by rows. */
export function patchOf(
  x: Tensor,
  { channel, row, column }: Place,
  [rows, columns]: readonly number[],
  { stride, dilation, padding }: Window,
): { patch: number[]; padded: boolean[] } {
  const [, , height, width] = x.shape;
  const patch: number[] = [];
  const padded: boolean[] = [];
  for (let u = 0; u < rows; u++) {
    for (let v = 0; v < columns; v++) {
      const i = row * stride[0] - padding[0] + u * dilation[0];
      const j = column * stride[1] - padding[1] + v * dilation[1];
      const isOutside = i < 0 || j < 0 || i >= height || j >= width;
      padded.push(isOutside);
      patch.push(isOutside ? 0 : Number(x.data[(channel * height + i) * width + j]));
    }
  }
  return { patch, padded };
}

/** Which pixel of the residual is added: a smaller one's are repeated. */
function residualPlace(
  { stride, dilation, padding }: Window,
  x: Tensor,
  weight: Tensor,
  residual: Tensor,
  { channel, row, column }: Place,
): Place {
  const [height, width] = [0, 1].map((i) =>
    windowOutput(x.shape[2 + i], weight.shape[2 + i], stride[i], dilation[i], padding[i], padding[2 + i]),
  );
  const [, , ownHeight, ownWidth] = residual.shape;
  return { channel, row: Math.floor((row * ownHeight) / height), column: Math.floor((column * ownWidth) / width) };
}

export const element = ({ data, shape }: Tensor, { channel, row, column }: Place): number =>
  Number(
    data[
      (Math.min(channel, shape[1] - 1) * shape[2] + Math.min(row, shape[2] - 1)) * shape[3] +
        Math.min(column, shape[3] - 1)
    ],
  );
