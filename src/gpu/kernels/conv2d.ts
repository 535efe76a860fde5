import { type Candidate, gridFits, type KernelContext, type OperatorKernels } from '../kernel';
import { conv2d3x3 } from './conv2d-3x3';
import { conv2dDepthwise } from './conv2d-depthwise';
import { conv2dNaive } from './conv2d-naive';
import { conv2dPointwise } from './conv2d-pointwise';
import { conv2dSplitK } from './conv2d-split-k';
import { conv2dStem } from './conv2d-stem';
import { conv2dTiled } from './conv2d-tiled';
import { conv2dWinograd, winogradPays } from './conv2d-winograd';
import { repetitionOf } from './epilogue';

type Variant = (context: KernelContext<'conv2d'>) => Candidate[];

/** Convolution: its variants, the best guess for this node and device first. */
export const conv2dWith = (softwareVariants: Variant): OperatorKernels<'conv2d'> => ({
  layouts: (node) => ({
    inputs: node.inputs.map((_, i) => (i === 0 || i === 3 ? 'nhwc4' : 'linear')),
    outputs: ['nhwc4'],
  }),
  candidates: (context) => {
    const for3x3 = winogradPays(context) ? [conv2dWinograd, conv2d3x3] : [conv2d3x3, conv2dWinograd];
    // A barrier costs a software adapter more than the idle half of its few lanes.
    const for1x1 = context.device.software ? [conv2dPointwise, conv2dSplitK] : [conv2dSplitK, conv2dPointwise];
    // The others add a residual pixel by pixel.
    const { inputs, outputs } = context;
    const repeats = repetitionOf(inputs[3], outputs[0]).some((times) => times > 1);
    const dense = [conv2dStem, ...for1x1, ...for3x3, conv2dTiled];
    const variants = repeats
      ? for1x1
      : [conv2dDepthwise, ...(context.device.quads ? [softwareVariants, ...dense] : [...dense, softwareVariants])];
    return [...variants, conv2dNaive]
      .flatMap((variant) => variant(context))
      .filter(({ dispatches }) => dispatches.every(({ workgroups }) => gridFits(workgroups, context.device)));
  },
});

export const conv2d = conv2dWith(() => []);
