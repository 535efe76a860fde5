import type { Candidate } from '../../src/gpu/kernel';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { sizeOf, Tensor } from '../../src/tensor';

export interface Rung {
  readonly kernel: string;
  /** The beginning of the setting's name in the plan. */
  readonly setting: string;
  readonly idea: string;
  /** Numbers that an invocation loads for each multiply-add, by the kernel's header. */
  readonly loads?: number;
}

/** From the slowest up: each has one idea more than the last, or another in its place. */
export const RUNGS: readonly Rung[] = [
  { kernel: 'conv2d-naive', setting: '', idea: 'the definition', loads: 2 },
  { kernel: 'conv2d-vec4', setting: '', idea: 'four numbers in each load', loads: 1.25 },
  // A tile of P pixels and B blocks of four outputs loads P + 4·B vectors for 16·P·B multiply-adds.
  { kernel: 'conv2d-tiled', setting: '4×4', idea: 'register tile of 4 pixels × 4 channels', loads: 0.5 },
  { kernel: 'conv2d-tiled', setting: '4×8', idea: 'twice the channels', loads: 0.375 },
  { kernel: 'conv2d-tiled', setting: '8×8', idea: 'twice the pixels', loads: 0.25 },
  // For a row of taps it loads P + 2 vectors of pixels and 12·B of weights, for 48·P·B multiply-adds.
  { kernel: 'conv2d-3x3', setting: '8×8', idea: 'a loaded pixel serves three taps', loads: (4 * 34) / 768 },
  // From memory: a step of 16 inputs loads 32 pixels and 32 outputs of each, for 32 · 32 multiply-adds.
  { kernel: 'conv2d-workgroup', setting: '32×32', idea: '64 invocations share what they load', loads: 1 / 16 },
  { kernel: 'conv2d-quad', setting: '', idea: 'four invocations share their loads' },
  { kernel: 'conv2d-winograd', setting: '8×8', idea: 'Winograd F(2×2): 16 products in place of 36' },
  { kernel: 'conv2d-winograd4', setting: '8×8', idea: 'Winograd F(4×4): 36 in place of 144' },
  { kernel: 'conv2d-winograd6', setting: '8×8', idea: 'Winograd F(6×6): 64 in place of 324' },
  { kernel: 'conv2d-winograd6', setting: 'quads', idea: 'F(6×6), and four invocations share' },
];

/** Where a rung stands in the list of candidates, or -1 where it is not among them. */
export const findRung = (candidates: readonly Pick<Candidate, 'kernel' | 'setting'>[], rung: Rung): number =>
  candidates.findIndex(({ kernel, setting }) => kernel === rung.kernel && setting.startsWith(rung.setting));

/** What every rung computes: a 3×3 convolution of 64 channels to 64, at 64 × 64 pixels. */
export function ladderGraph(): Graph {
  const b = new GraphBuilder('ladder');
  const filled = (...shape: number[]): Tensor =>
    Tensor.float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i) / 8),
    );
  const x = b.input('x', [1, 64, 64, 64]);
  const weight = b.constant('weight', filled(64, 64, 3, 3));
  const bias = b.constant('bias', filled(64));
  const attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
  return b.build(b.add('conv2d', [x, weight, bias], attributes));
}
