import { UNARY_FUNCTIONS } from '../../operators/unary';
import { unaryChain as record } from '../../operators/unary-chain';
import { candidate, keepLayout, type OperatorKernels } from '../kernel';
import { shader } from './unary';
import { vectorWalk } from './vector-walk';

/** The unary kernel, which reads from memory what to apply: chains of any functions share a pipeline. */
export const unaryChain: OperatorKernels<'unary-chain'> = {
  layouts: keepLayout,
  candidates: ({ node: { attributes }, inputs: [x], outputs: [y], device }) => {
    const { grid, constants, params } = vectorWalk(x, y, device, record.keepsZero!(attributes));
    const words = attributes.functions.flatMap(({ fn, alpha, beta }) => [UNARY_FUNCTIONS.indexOf(fn), alpha, beta, 0]);
    return [
      candidate(shader, {
        grid,
        constants: { CHAIN: true, ...constants },
        bind: {
          x,
          functions: {
            kind: 'constant',
            key: `functions/${words}`,
            pack: () => Float32Array.from(words),
            float32: true,
          },
          y,
        },
        params: { ...params, alpha: 0, beta: 0, low: 0, high: 0 },
      }),
    ];
  },
};
