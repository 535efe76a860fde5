import { pool } from './max-pool2d';
import { defineOperator } from './operator';
import type { Window } from './window';

/**
 * x `[N, C, H, W]`; output int32: where in its plane the greatest pixel of each window lies, `row · W + column`.
 * -1 for a window of nothing but padding.
 */
export const maxPool2dIndices = defineOperator<Window>({
  ...pool,
  infer: (inputs, attributes) => pool.infer(inputs, attributes).map(({ shape }) => ({ shape, dtype: 'int32' })),
});
