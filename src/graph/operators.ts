/**
 * The operators of a Graph and their attributes. A value of rank 4 is an image batch `[N, C, H, W]`;
 * how it lies in GPU memory is the plan's business, not the graph's.
 */

export type Pair = readonly [height: number, width: number];
/** Zero padding in pixels on each side. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** `alpha` and `beta` are the parameters of those functions that have any; see reference/unary.ts for the formulas. */
// biome-ignore format: a list to scan
export const UNARY_FUNCTIONS = [
  'identity', 'relu', 'relu6', 'leaky-relu', 'elu', 'celu', 'selu', 'sigmoid', 'hard-sigmoid', 'tanh', 'hard-swish', 'silu', 'gelu', 'gelu-tanh', 'mish', 'softplus', 'softsign', 'clip', 'exp', 'log', 'sqrt', 'abs',
  'neg', 'reciprocal', 'floor', 'ceil', 'round', 'sin', 'cos', 'erf', 'sign', 'not',
] as const;
export type UnaryFunction = (typeof UNARY_FUNCTIONS)[number];

export interface UnaryAttributes {
  readonly fn: UnaryFunction;
  /** leaky-relu, elu, celu: slope. selu: alpha. hard-sigmoid: slope. clip: lower bound. silu: factor inside the sigmoid (1). */
  readonly alpha: number;
  /** hard-sigmoid: offset. clip: upper bound. selu: gamma. */
  readonly beta: number;
}

/** Those that convolution, transposed convolution and dense apply to their result before it is stored. */
export const FUSABLE_ACTIVATIONS = [
  'identity',
  'relu',
  'relu6',
  'leaky-relu',
  'sigmoid',
  'hard-sigmoid',
  'tanh',
  'hard-swish',
  'silu',
  'clip',
] as const satisfies readonly UnaryFunction[];
export type FusableActivation = (typeof FUSABLE_ACTIVATIONS)[number];
export interface Activation extends UnaryAttributes {
  readonly fn: FusableActivation;
}

// biome-ignore format: a list to scan
export const BINARY_FUNCTIONS = [
  'add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu', 'mod', 'equal', 'less', 'less-or-equal',
  'greater', 'greater-or-equal', 'and', 'or', 'xor',
] as const;
export type BinaryFunction = (typeof BINARY_FUNCTIONS)[number];

export const REDUCE_FUNCTIONS = ['mean', 'sum', 'max', 'min', 'prod', 'sum-square', 'l1', 'l2', 'log-sum-exp'] as const;
export type ReduceFunction = (typeof REDUCE_FUNCTIONS)[number];

/** What happens to the accumulator before it is stored: bias, then residual and activation in the order named. */
export interface Epilogue {
  readonly activation: Activation;
  /** Where the fourth input, if there is one, is added: `act(x + r)` or `act(x) + r`. */
  readonly residual: 'none' | 'before-activation' | 'after-activation';
}

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly ceilMode: boolean;
}

export interface OperatorAttributes {
  /**
   * inputs: x `[N, C, H, W]`, weight `[O, C/groups, KH, KW]`, bias `[O]`, residual? `[N, O, OH, OW]`, or with height and
   * width smaller by whole factors: its pixels are then repeated
   */
  conv2d: Epilogue & {
    readonly stride: Pair;
    readonly dilation: Pair;
    readonly padding: Padding;
    readonly groups: number;
  };
  /** inputs: x `[N, C, H, W]`, weight `[C, O/groups, KH, KW]`, bias `[O]`, residual? */
  'conv-transpose2d': Epilogue & {
    readonly stride: Pair;
    readonly dilation: Pair;
    readonly padding: Padding;
    readonly outputPadding: Pair;
    readonly groups: number;
  };
  /** inputs: x `[..., K]`, weight `[O, K]`, bias `[O]`, residual? `[..., O]` */
  dense: Epilogue;
  /** inputs: a `[..., M, K]`, b `[..., K, N]` with broadcasting over the leading axes */
  matmul: Record<never, never>;
  'max-pool2d': Window;
  'average-pool2d': Window & { readonly countIncludePad: boolean };
  /** x `[N, C, H, W]` to `[N, C, 1, 1]` */
  'global-pool2d': { readonly fn: 'mean' | 'max' };
  resize2d: {
    readonly mode: 'nearest' | 'linear' | 'cubic';
    readonly coordinates: 'half-pixel' | 'align-corners' | 'asymmetric' | 'pytorch-half-pixel';
    /** How `nearest` rounds a source coordinate. */
    readonly rounding: 'round-prefer-floor' | 'round-prefer-ceil' | 'floor' | 'ceil';
    readonly size: Pair;
    /** Output over input; kept because `size / input` loses it to rounding. */
    readonly scale: Pair;
    /** Keys's coefficient of `cubic`, usually -0.75 or -0.5. */
    readonly cubicA: number;
  };
  /**
   * What a 3×3 convolution with padding 1 makes of a picture of half its size, doubled, and a skip connection joined to
   * that: made by a pass, so that neither the doubled nor the joined picture need be. 'linear' interpolates between pixel
   * centres. inputs: low `[N, A, H, W]`, weight `[O, A + B, KH, KW]` of odd size (padded by half of it), bias `[O]`,
   * skip? `[N, B, 2H, 2W]`; output `[N, O, 2H, 2W]`
   */
  'upsample-conv2d': { readonly mode: 'nearest' | 'linear'; readonly activation: Activation };
  unary: UnaryAttributes;
  /**
   * inputs: a, b, broadcast. prelu: b is the slope. div of int32 rounds towards zero. mod: float32 takes the sign of a
   * (C's fmod), int32 that of b (Python's `%`). Comparisons give bool.
   */
  binary: { readonly fn: BinaryFunction };
  /** inputs: condition, a, b, broadcast */
  where: Record<never, never>;
  softmax: { readonly axis: number; readonly log: boolean };
  argmax: {
    readonly fn: 'argmax' | 'argmin';
    readonly axis: number;
    readonly keepDims: boolean;
    readonly selectLast: boolean;
  };
  reduce: { readonly fn: ReduceFunction; readonly axes: readonly number[]; readonly keepDims: boolean };
  /** inputs: x `[N, C, ...]`, scale, bias, mean, variance, each `[C]` */
  'batch-norm': { readonly epsilon: number };
  /** inputs: x `[N, C, ...]`, scale `[C]`, bias `[C]` */
  'instance-norm': { readonly epsilon: number };
  /** inputs: x, scale and bias of the shape from `axis` on */
  'layer-norm': { readonly axis: number; readonly epsilon: number };
  concat: { readonly axis: number };
  split: { readonly axis: number; readonly sizes: readonly number[] };
  /** One entry per axis: first index, step (may be negative), number of elements. */
  slice: { readonly starts: readonly number[]; readonly steps: readonly number[]; readonly sizes: readonly number[] };
  pad: {
    readonly mode: 'constant' | 'reflect' | 'edge' | 'wrap';
    /** One entry per axis; negative crops. */
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly value: number;
  };
  transpose: { readonly permutation: readonly number[] };
  reshape: { readonly shape: readonly number[] };
  /** NumPy broadcast to `shape` */
  expand: { readonly shape: readonly number[] };
  tile: { readonly repeats: readonly number[] };
  /** inputs: x, indices (int32, negative counts from the end) */
  gather: { readonly axis: number };
  'depth-to-space': { readonly blockSize: number; readonly mode: 'dcr' | 'crd' };
  'space-to-depth': { readonly blockSize: number };
  cast: { readonly to: 'float32' | 'int32' | 'bool' };
  /**
   * SSD's box decoding (Liu et al. 2016, section 2.2). inputs: offsets `[N, B, 4]` (dx, dy, dw, dh),
   * default boxes `[B, 4]` (cx, cy, w, h in 0..1); output `[N, B, 4]` (xmin, ymin, xmax, ymax in 0..1).
   */
  'ssd-decode': { readonly variances: readonly [center: number, size: number]; readonly clip: boolean };
  /**
   * Greedy suppression per batch and class, best score first (ties: lower box index first).
   * inputs: boxes `[N, B, 4]`, scores `[N, C, B]` (`scoreLayout` 'class-first') or `[N, B, C]` ('box-first').
   * outputs, with M = N * (C - firstClass) * min(maxPerClass, B) rows of which `count` are filled, ordered by batch,
   * class, descending score: indices int32 `[M, 3]` (batch, class, box), detections float32 `[M, 6]`
   * (xmin, ymin, xmax, ymax, score, class), count int32 `[1]`. Unused rows hold -1 and 0. Detections keep the boxes'
   * own order of axes: `[y1, x1, y2, x2]` gives (ymin, xmin, ymax, xmax).
   */
  'non-maximum-suppression': {
    readonly scoreLayout: 'class-first' | 'box-first';
    /** `corners`: any two opposite corners, `[y1, x1, y2, x2]` or `[x1, y1, x2, y2]`; `center`: `[cx, cy, w, h]`. */
    readonly boxFormat: 'corners' | 'center';
    readonly iouThreshold: number;
    /** A box needs a score above this one. */
    readonly scoreThreshold: number;
    readonly maxPerClass: number;
    /** 1 skips a background class at index 0. */
    readonly firstClass: 0 | 1;
  };
}

export type Operator = keyof OperatorAttributes;

export const NO_ACTIVATION: Activation = { fn: 'identity', alpha: 0, beta: 0 };
export const NO_EPILOGUE: Epilogue = { activation: NO_ACTIVATION, residual: 'none' };
