import { type GraphNode, Tensor } from '../../src';
import { type ConvolutionSteps, convolutionAt, type Place, patchOf } from './convolution';

const WINDOW = { stride: [1, 1], dilation: [1, 1], groups: 1 } as const;

/** One element of a convolution that a shortcut is added to, taken apart: what the shortcut gives is its residual. */
export function shortcutAt(
  { attributes: { pool, stride, activation } }: GraphNode<'shortcut-conv2d'>,
  [x, weight, bias, shortcut, projection]: readonly Tensor[],
  at: Place,
): ConvolutionSteps {
  const window = { stride, dilation: [1, 1], padding: [0, 0, 0, 0] } as const;
  const channels = shortcut.shape[1];
  const products = Array.from({ length: channels }, (_, channel) => {
    const { patch } = patchOf(shortcut, { ...at, channel }, pool, window);
    return Math.max(...patch) * Number(projection.data[at.channel * channels + channel]);
  });
  const added = Tensor.float32([1, 1, 1, 1], [products.reduce((sum, product) => sum + product, 0)]);
  const [top, left] = weight.shape.slice(2).map((taps) => (taps - 1) / 2);
  const convolution = {
    ...WINDOW,
    padding: [top, left, top, left],
    activation,
    residual: 'before-activation',
  } as const;
  return convolutionAt(convolution, [x, weight, bias, added], at);
}
