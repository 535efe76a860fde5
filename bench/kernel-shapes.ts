import { NO_EPILOGUE } from '../src/operators/epilogue';
import type { KernelCase } from '../test/support/kernel-case';

/** A convolution of a square picture with padding that keeps its size at stride 1. */
function conv2d(
  where: string,
  [channels, outputs]: readonly [channels: number, outputs: number],
  size: number,
  kernel: number,
  stride = 1,
  groups = 1,
): KernelCase<'conv2d'> {
  const before = (kernel - 1) >> 1;
  const padding = [before, before, kernel - 1 - before, kernel - 1 - before] as const;
  return {
    name: `${where}: ${groups > 1 ? 'depthwise ' : ''}conv2d ${kernel}×${kernel} ${channels}→${outputs} at ${size}² stride ${stride}`,
    op: 'conv2d',
    attributes: { ...NO_EPILOGUE, stride: [stride, stride], dilation: [1, 1], padding, groups },
    inputs: [[1, channels, size, size], [outputs, channels / groups, kernel, kernel], [outputs]],
  };
}

/** The segmenter's upsampling: doubles the low channels and joins those of the skip, to a square picture of `size`. */
const stepUp = (
  mode: 'nearest' | 'linear',
  [low, skip, outputs]: readonly [low: number, skip: number, outputs: number],
  size: number,
): KernelCase<'upsample-conv2d'> => ({
  name: `segmenter: upsample-conv2d 3×3 ${mode} ${low}+${skip}→${outputs} at ${size}²`,
  op: 'upsample-conv2d',
  attributes: { mode, activation: NO_EPILOGUE.activation },
  inputs: [[1, low, size / 2, size / 2], [outputs, low + skip, 3, 3], [outputs], [1, skip, size, size]],
});

const depthwise = (where: string, channels: number, size: number, kernel: number, stride = 1) =>
  conv2d(where, [channels, channels], size, kernel, stride, channels);

/** The layers that weigh most in the benchmark's networks, and the odd ones among them, as kernel cases. */
export const KERNEL_SHAPES: readonly KernelCase[] = [
  conv2d('MobileNetV2', [3, 32], 224, 3, 2),
  depthwise('MobileNetV2', 96, 112, 3, 2),
  depthwise('MobileNetV2', 144, 56, 3),
  depthwise('MobileNetV2', 384, 14, 3),
  conv2d('MobileNetV2', [16, 96], 112, 1),
  conv2d('MobileNetV2', [144, 24], 56, 1),
  conv2d('MobileNetV2', [64, 384], 14, 1),
  conv2d('MobileNetV2', [960, 160], 7, 1),
  conv2d('MobileNetV2', [320, 1280], 7, 1),
  conv2d('U-Net', [16, 16], 128, 3),
  conv2d('U-Net', [64, 64], 64, 3),
  conv2d('U-Net', [128, 128], 32, 3),
  conv2d('U-Net', [256, 256], 16, 3),
  conv2d('segmenter', [80, 16], 96, 3),
  stepUp('linear', [48, 32, 16], 96),
  stepUp('nearest', [48, 32, 16], 96),
  conv2d('SqueezeNet', [3, 64], 224, 3, 2),
  conv2d('SqueezeNet', [64, 256], 13, 3),
  conv2d('YOLOX-nano', [64, 64], 26, 3, 2),
  depthwise('YOLOX-nano', 64, 52, 5),
  {
    name: 'U-Net: conv-transpose2d 2×2 128→64 at 32² stride 2',
    op: 'conv-transpose2d',
    attributes: {
      ...NO_EPILOGUE,
      stride: [2, 2],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      outputPadding: [0, 0],
      groups: 1,
    },
    inputs: [[1, 128, 32, 32], [128, 64, 2, 2], [64]],
  },
  {
    name: 'MobileNetV2: dense 1280→1000',
    op: 'dense',
    attributes: NO_EPILOGUE,
    inputs: [[1, 1280], [1000, 1280], [1000]],
  },
  {
    name: 'attention: matmul 64 of 49×32×49',
    op: 'matmul',
    attributes: {},
    inputs: [
      [64, 49, 32],
      [64, 32, 49],
    ],
  },
];
