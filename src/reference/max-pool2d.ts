import { Tensor } from '../tensor';
import type { Reference } from './reference';

/**
 * The greatest pixel under the window. Padding never wins: a window of nothing but padding gives -Infinity.
 * NaN wins over every number, as in PyTorch.
 */
export const maxPool2d: Reference<'max-pool2d'> = ([x], { kernel, stride, dilation, padding }, [shape]) => {
  const [batch, channels, height, width] = x.shape;
  const [, , outHeight, outWidth] = shape;
  const source = x.data;
  const y = Tensor.float32(shape);
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let greatest = -Infinity;
        for (let u = 0; u < kernel[0]; u++) {
          const row = i * stride[0] + u * dilation[0] - padding[0];
          if (row < 0 || row >= height) continue;
          for (let v = 0; v < kernel[1]; v++) {
            const column = j * stride[1] + v * dilation[1] - padding[1];
            if (column < 0 || column >= width) continue;
            greatest = Math.max(greatest, source[(plane * height + row) * width + column]);
          }
        }
        y.data[at++] = greatest;
      }
    }
  }
  return y;
};
