import type { KernelCase } from '../../support/kernel-case';
import { argmaxCases } from './argmax';
import { averagePool2dCases } from './average-pool2d';
import { batchNormCases } from './batch-norm';
import { binaryCases } from './binary';
import { castCases } from './cast';
import { concatCases } from './concat';
import { convTranspose2dCases } from './conv-transpose2d';
import { conv2dCases } from './conv2d';
import { denseCases } from './dense';
import { depthToSpaceCases } from './depth-to-space';
import { expandCases } from './expand';
import { gatherCases } from './gather';
import { globalPool2dCases } from './global-pool2d';
import { instanceNormCases } from './instance-norm';
import { layerNormCases } from './layer-norm';
import { matmulCases } from './matmul';
import { maxPool2dCases } from './max-pool2d';
import { nonMaximumSuppressionCases } from './non-maximum-suppression';
import { padCases } from './pad';
import { reduceCases } from './reduce';
import { reshapeCases } from './reshape';
import { resize2dCases } from './resize2d';
import { sliceCases } from './slice';
import { softmaxCases } from './softmax';
import { spaceToDepthCases } from './space-to-depth';
import { splitCases } from './split';
import { ssdDecodeCases } from './ssd-decode';
import { tileCases } from './tile';
import { transposeCases } from './transpose';
import { unaryCases } from './unary';
import { upsampleConv2dCases } from './upsample-conv2d';
import { whereCases } from './where';

/** Every kernel case, for the runners that take them to another WebGPU implementation. */
export const allCases: readonly KernelCase[] = [
  ...argmaxCases,
  ...averagePool2dCases,
  ...batchNormCases,
  ...binaryCases,
  ...castCases,
  ...concatCases,
  ...convTranspose2dCases,
  ...conv2dCases,
  ...denseCases,
  ...depthToSpaceCases,
  ...expandCases,
  ...gatherCases,
  ...globalPool2dCases,
  ...instanceNormCases,
  ...layerNormCases,
  ...matmulCases,
  ...maxPool2dCases,
  ...nonMaximumSuppressionCases,
  ...padCases,
  ...reduceCases,
  ...reshapeCases,
  ...resize2dCases,
  ...sliceCases,
  ...softmaxCases,
  ...spaceToDepthCases,
  ...splitCases,
  ...ssdDecodeCases,
  ...tileCases,
  ...transposeCases,
  ...unaryCases,
  ...upsampleConv2dCases,
  ...whereCases,
];
