import { type Shape, sizeOf } from '../tensor';
import { check, checkPositive, checkRank, float, text } from './checks';
import { defineOperator, type Sight, type Words } from './operator';
import type { Pair } from './window';

const words = {
  mode: ['nearest', 'linear', 'cubic'],
  coordinates: ['half-pixel', 'align-corners', 'asymmetric', 'pytorch-half-pixel'],
  /** How `nearest` rounds a source coordinate. */
  rounding: ['round-prefer-floor', 'round-prefer-ceil', 'floor', 'ceil'],
} as const;

interface Resize2dAttributes extends Words<typeof words> {
  readonly size: Pair;
  /** Output size over input size before rounding: `size / input` would not give it back. */
  readonly scale: Pair;
  /** Keys's coefficient of `cubic`, usually -0.75 or -0.5. */
  readonly cubicA: number;
}

export const resize2d = defineOperator<Resize2dAttributes>({
  arity: 1,
  words,
  infer([{ shape }], { size, scale }) {
    checkRank(shape, 4, 'input');
    checkPositive(size, 'size');
    const isPositive = scale.every((s) => s > 0);
    check(isPositive, `scale must be positive, got ${text(scale)}`);
    check(shape[2] > 0 && shape[3] > 0, `a picture of shape ${text(shape)} has no pixels to resize`);
    return [float([shape[0], shape[1], ...size])];
  },
  // Taps times a multiply-add each: 2 × 2 of linear, 4 × 4 of cubic.
  flops: ({ mode }, _, y) => sizeOf(y) * { nearest: 0, linear: 2 * 4, cubic: 2 * 16 }[mode],
  receptiveField: ({ mode, scale }, [x]) => throughResize(mode, scale, x),
});

/** The receptive field of a resize with half-pixel centres; other coordinates differ by less than a pixel. */
export function throughResize(mode: Resize2dAttributes['mode'], scale: Pair, x: Shape): Sight {
  const reach = { nearest: 0, linear: 1, cubic: 2 }[mode];
  return ([first, last], axis) => {
    const centre = (at: number): number => (at + 0.5) / scale[axis] - 0.5;
    const inside = (at: number): number => Math.min(Math.max(at, 0), x[2 + axis] - 1);
    if (reach === 0) return [inside(Math.round(centre(first))), inside(Math.round(centre(last)))];
    return [inside(Math.floor(centre(first)) - reach + 1), inside(Math.floor(centre(last)) + reach)];
  };
}
