import wgsl from '../../../shaders/unary.wgsl?raw';
import { unary as record, UNARY_FUNCTIONS, type UnaryAttributes } from '../../operators/unary';
import { type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { keepLayout } from './strided-copy';
import { vectorWalk } from './vector-walk';

const shader = defineShader('unary', wgsl);
const WORKGROUP = 64;

/** One function of one number, in whichever layout the input has. */
export const unary: OperatorKernels<'unary'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { fn, alpha, beta } = node.attributes;
    const integer = x.dtype !== 'float32';
    // Padding lanes must stay zero, which most functions do not leave them: then the channel must be known.
    const { constants, params, workgroups } = vectorWalk(
      x,
      y,
      WORKGROUP,
      device,
      record.keepsZero?.(node.attributes) ?? false,
    );
    return [
      {
        kernel: 'unary',
        setting: '',
        dispatches: [
          {
            shader,
            constants: { FUNCTION: UNARY_FUNCTIONS.indexOf(fn), INTEGER: Number(integer), ...constants },
            bind: { x: tensor(x), y: tensor(y) },
            params: { ...params, alpha, beta, ...integerBounds(node.attributes) },
            workgroups,
            storage: integer ? 'int32' : 'float',
          },
        ],
      },
    ];
  },
};

/** The bounds of relu, relu6 and clip as int32. */
function integerBounds({ fn, alpha, beta }: UnaryAttributes): { low: number; high: number } {
  const [low, high] = fn === 'clip' ? [alpha, beta] : [0, fn === 'relu6' ? 6 : Infinity];
  const fit = (bound: number): number => Math.trunc(Math.min(Math.max(bound, -(2 ** 31)), 2 ** 31 - 1));
  return { low: fit(low), high: fit(high) };
}
