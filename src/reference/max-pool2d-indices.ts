import { Tensor } from '../tensor';
import type { Reference } from './reference';

/**
 * Where the greatest pixel under the window lies in its plane, row by row. Of equals the first; NaN wins over every
 * number, of several the last, as in PyTorch's `max_pool2d` with `return_indices`. -1 where all is padding.
 */
export const maxPool2dIndices: Reference<'max-pool2d-indices'> = (
  [x],
  { kernel, stride, dilation, padding },
  [shape],
) => {
  const [batch, channels, height, width] = x.shape;
  const [, , outHeight, outWidth] = shape;
  const y = Tensor.int32(shape);
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const pixels = x.data.subarray(plane * height * width, (plane + 1) * height * width);
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let best = -1;
        for (let u = 0; u < kernel[0]; u++) {
          const row = i * stride[0] + u * dilation[0] - padding[0];
          if (row < 0 || row >= height) continue;
          for (let v = 0; v < kernel[1]; v++) {
            const column = j * stride[1] + v * dilation[1] - padding[1];
            if (column < 0 || column >= width) continue;
            const pixel = row * width + column;
            if (best < 0 || pixels[pixel] > pixels[best] || Number.isNaN(pixels[pixel])) best = pixel;
          }
        }
        y.data[at++] = best;
      }
    }
  }
  return y;
};
