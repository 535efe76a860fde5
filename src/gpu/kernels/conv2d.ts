import { type Candidate, imageAndWeights, type KernelContext, type OperatorKernels } from '../kernel';
import { conv2dNaive } from './conv2d-naive';
import { conv2dPointwise } from './conv2d-pointwise';
import { conv2dSplitK } from './conv2d-split-k';
import { conv2dStem } from './conv2d-stem';
import { repetitionOf } from './epilogue';

type Context = KernelContext<'conv2d'>;

/** More than any count of loads. */
const MANY = 1e15;

/** Variants that are imported only where they may run. */
export interface LaterVariants {
  readonly windows?: typeof import('./conv2d-windows');
  /** The one for GPUs first. */
  readonly depthwise?: readonly ((context: Context) => Candidate[])[];
  readonly uniform?: typeof import('./conv2d-uniform');
  readonly split?: typeof import('./conv2d-split');
  readonly winograd?: typeof import('./conv2d-winograd');
  readonly untaken?: typeof import('./conv2d-untaken');
  readonly software?: readonly ((context: Context) => Candidate[])[];
}

/** Convolution: its variants, the best guess for this node and device first. */
export const conv2dWith = ({
  depthwise = [],
  windows,
  uniform,
  split,
  winograd,
  untaken,
  software = [],
}: LaterVariants): OperatorKernels<'conv2d'> => ({
  layouts: imageAndWeights,
  candidates: (context) => {
    const { inputs, outputs, device } = context;
    const { quads, slowBarriers } = device.profile;
    const transformed = winograd ? [winograd.conv2dWinograd] : [];
    const transformPays = winograd?.winogradPays(context);
    const for1x1 = slowBarriers ? [conv2dPointwise, conv2dSplitK] : [conv2dSplitK, conv2dPointwise];
    const shared = split ? [split.conv2dSplit] : [];
    const general = windows ? [windows.conv2dTiled] : [];
    const uniformWeights = uniform ? [uniform.conv2dUniform] : [];
    const direct = [...shared, ...(windows ? [windows.conv2d3x3] : [])];
    const for3x3 = transformPays ? [...transformed, ...direct] : [...direct, ...transformed];
    const dense = [conv2dStem, ...uniformWeights, ...for1x1, ...for3x3, ...general];
    const cheapestFirst = (at: Context): Candidate[] =>
      software.flatMap((variant) => variant(at)).sort((a, b) => (a.loads ?? MANY) - (b.loads ?? MANY));
    // The others add a residual pixel by pixel.
    const repeats = repetitionOf(inputs[3], outputs[0]).some((times) => times > 1);
    const variants = repeats
      ? for1x1
      : [
          ...(device.profile.software ? depthwise.toReversed() : depthwise),
          ...(quads === 'first' ? [cheapestFirst, ...dense] : [...dense, cheapestFirst]),
        ];
    const rest = untaken && !repeats ? untaken.untaken : [];
    return [...variants, ...rest, conv2dNaive].flatMap((variant) => variant(context));
  },
});

export const conv2d = conv2dWith({});
