import { pool } from './max-pool2d';
import { defineOperator } from './operator';
import type { Window } from './window';

/** x `[N, C, H, W]` */
export const averagePool2d = defineOperator<Window & { readonly countIncludePad: boolean }>(pool);
