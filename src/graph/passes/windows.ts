import type { Shape } from '../../tensor';
import type { GraphNode } from '../graph';

/** Whether it is a 1×1 convolution in one group whose output is as large as its input. */
export function isPointwise({ attributes }: GraphNode<'conv2d'>, [, , height, width]: Shape): boolean {
  const { stride, padding, groups } = attributes;
  return [height, width, ...stride, groups].every((v) => v === 1) && padding.every((v) => v === 0);
}

/** Whether it is a 3×3 convolution in one group whose output is as large as its input. */
export function keepsSize({ attributes }: GraphNode<'conv2d'>, [, , height, width]: Shape): boolean {
  const { stride, dilation, padding, groups } = attributes;
  return [...stride, ...dilation, ...padding, groups].every((v) => v === 1) && height === 3 && width === 3;
}

/** Invocations that make an image `[N, C, H, W]` where each makes four channels of four pixels of a row. */
export const invocationsFor = ([batch, channels, height, width]: Shape): number =>
  batch * Math.ceil(channels / 4) * height * Math.ceil(width / 4);
