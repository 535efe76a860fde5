import wgsl from '../../../shaders/unary.wgsl?raw';
import { unary as record, UNARY_FUNCTIONS, type UnaryAttributes } from '../../operators/unary';
import { candidate, elementStorage, keepLayout, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { vectorWalk } from './vector-walk';

/** Its `functions` are read for chains alone: one function binds anything there. */
export const shader = defineShader('unary', wgsl);

/** One function of one number, in whichever layout the input has. */
export const unary: OperatorKernels<'unary'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { fn, alpha, beta } = node.attributes;
    // Padding lanes must stay zero, which most functions do not leave them: then the channel must be known.
    const { grid, constants, params } = vectorWalk(x, y, device, record.keepsZero?.(node.attributes) ?? false);
    return [
      candidate(shader, {
        grid,
        constants: { FUNCTION: UNARY_FUNCTIONS.indexOf(fn), INTEGER: x.dtype !== 'float32', ...constants },
        bind: { x, functions: x, y },
        params: { ...params, alpha, beta, ...integerBounds(node.attributes) },
        storage: elementStorage(x),
      }),
    ];
  },
};

/** The bounds of relu, relu6 and clip as int32. */
function integerBounds({ fn, alpha, beta }: UnaryAttributes): { low: number; high: number } {
  const [low, high] = fn === 'clip' ? [alpha, beta] : [0, fn === 'relu6' ? 6 : Infinity];
  const fit = (bound: number): number => Math.trunc(Math.min(Math.max(bound, -(2 ** 31)), 2 ** 31 - 1));
  return { low: fit(low), high: fit(high) };
}
