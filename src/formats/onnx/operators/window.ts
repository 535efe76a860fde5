import { text } from '../../../operators/checks';
import type { Padding, Pair, Window } from '../../../operators/window';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';

/**
 * In ONNX convolution and pooling slide over one, two or three axes, in a Graph over images only. A signal `[N, C, L]`
 * becomes an image of height 1; volume.ts has volumes.
 *
 * @param operate makes `[N, O, OH, OW]` of `[N, C, H, W]`
 */
export function overImage(node: NodeContext, x: Value, operate: (image: Value) => Value): Value {
  switch (x.shape.length) {
    case 4:
      return operate(x);
    case 3: {
      const y = operate(asImage(node, x));
      return node.reshape(y, [y.shape[0], y.shape[1], y.shape[3]]);
    }
  }
  return node.unsupported(`its input has rank ${x.shape.length}, expected 3, 4 or 5`);
}

/** `[A, B, L]` as `[A, B, 1, L]`; rank 4 stays. */
export function asImage(node: NodeContext, x: Value): Value {
  const [a, b, ...spatial] = x.shape;
  return spatial.length === 1 ? node.reshape(x, [a, b, 1, spatial[0]]) : x;
}

/** An attribute with one entry per spatial axis, as height and width. */
export function pairAttribute(node: NodeContext, name: string, fallback: number): Pair {
  const list = node.ints(name);
  if (!list) return [fallback, fallback];
  if (list.length === 1) return [fallback, list[0]];
  if (list.length !== 2) node.malformed(`${name} ${text(list)} must have one entry per axis of the picture`);
  return [list[0], list[1]];
}

/** ONNX lists the padding before each axis, then the padding after each axis. */
export function paddingAttribute(node: NodeContext): Padding {
  const pads = node.ints('pads') ?? [0, 0, 0, 0];
  if (pads.length === 2) return [0, pads[0], 0, pads[1]];
  if (pads.length !== 4) node.malformed(`pads ${text(pads)} must have two entries per axis of the picture`);
  return [pads[0], pads[1], pads[2], pads[3]];
}

export type AutoPad = 'explicit' | 'valid' | 'same-upper' | 'same-lower';

export function autoPadAttribute(node: NodeContext): AutoPad {
  return node.choice<AutoPad>('auto_pad', 'NOTSET', {
    NOTSET: 'explicit',
    VALID: 'valid',
    SAME_UPPER: 'same-upper',
    SAME_LOWER: 'same-lower',
  });
}

/** Splits padding over both ends of an axis: SAME_UPPER gives the odd pixel to the end, SAME_LOWER to the beginning. */
export function splitPadding(total: number, extraAtEnd: boolean): [before: number, after: number] {
  const less = Math.floor(total / 2);
  return extraAtEnd ? [less, total - less] : [total - less, less];
}

/** The window of a convolution or pooling over an image, with `auto_pad` worked out. */
export function windowOf(node: NodeContext, [, , height, width]: readonly number[], kernel: Pair): Window {
  const stride = pairAttribute(node, 'strides', 1);
  const dilation = pairAttribute(node, 'dilations', 1);
  const mode = autoPadAttribute(node);
  const same = (size: number, axis: 0 | 1): [number, number] => {
    const outputs = Math.ceil(size / stride[axis]);
    const span = (outputs - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return splitPadding(Math.max(span - size, 0), mode === 'same-upper');
  };
  const ceilMode = node.flag('ceil_mode');
  switch (mode) {
    case 'explicit':
      return { kernel, stride, dilation, padding: paddingAttribute(node), ceilMode };
    case 'valid':
      return { kernel, stride, dilation, padding: [0, 0, 0, 0], ceilMode };
    default: {
      const [top, bottom] = same(height, 0);
      const [left, right] = same(width, 1);
      return { kernel, stride, dilation, padding: [top, left, bottom, right], ceilMode: false };
    }
  }
}
