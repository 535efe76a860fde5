import { tapsBefore } from '../operators/window';
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
        const [top, left] = [i * stride[0] - padding[0], j * stride[1] - padding[1]];
        const rows = tapsBefore(height, top, dilation[0], kernel[0]);
        const columns = tapsBefore(width, left, dilation[1], kernel[1]);
        for (let u = tapsBefore(0, top, dilation[0], kernel[0]); u < rows; u++) {
          const row = top + u * dilation[0];
          for (let v = tapsBefore(0, left, dilation[1], kernel[1]); v < columns; v++) {
            const column = left + v * dilation[1];
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
