import type { FurtherOperator, Kernels } from '.';
import { argmax } from './argmax';
import { averagePool2d } from './average-pool2d';
import { batchNorm } from './batch-norm';
import { binary } from './binary';
import { cast } from './cast';
import { convTranspose2d } from './conv-transpose2d';
import { depthToSpace } from './depth-to-space';
import { expand } from './expand';
import { gather } from './gather';
import { instanceNorm } from './instance-norm';
import { layerNorm } from './layer-norm';
import { matmul } from './matmul';
import { pad } from './pad';
import { reduce } from './reduce';
import { spaceToDepth } from './space-to-depth';
import { split } from './split';
import { tile } from './tile';
import { unary } from './unary';
import { where } from './where';

/** The operators that imported networks may have beside those of `index.ts`. */
export const further: Kernels<FurtherOperator> = {
  argmax,
  'average-pool2d': averagePool2d,
  'batch-norm': batchNorm,
  binary,
  cast,
  'conv-transpose2d': convTranspose2d,
  'depth-to-space': depthToSpace,
  expand,
  gather,
  'instance-norm': instanceNorm,
  'layer-norm': layerNorm,
  matmul,
  pad,
  reduce,
  'space-to-depth': spaceToDepth,
  split,
  tile,
  unary,
  where,
};
