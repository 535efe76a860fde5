import { Tensor } from '../tensor';
import type { Reference } from './reference';

/**
 * The mean under the window. With `countIncludePad` the padding counts as zeros; what ceil mode adds behind the
 * padding never counts, as PyTorch and ONNX agree. A window without anything to count gives 0.
 */
export const averagePool2d: Reference<'average-pool2d'> = (
  [x],
  { kernel, stride, dilation, padding, countIncludePad },
  [shape],
) => {
  const [batch, channels, height, width] = x.shape;
  const [, , outHeight, outWidth] = shape;
  const [, , bottom, right] = padding;
  const source = x.data;
  const y = Tensor.float32(shape);
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let sum = 0;
        let count = 0;
        for (let u = 0; u < kernel[0]; u++) {
          const row = i * stride[0] + u * dilation[0] - padding[0];
          for (let v = 0; v < kernel[1]; v++) {
            const column = j * stride[1] + v * dilation[1] - padding[1];
            const inPicture = row >= 0 && row < height && column >= 0 && column < width;
            const inPadding = !inPicture && row < height + bottom && column < width + right;
            if (inPicture) sum += source[(plane * height + row) * width + column];
            if (inPicture || (inPadding && countIncludePad)) count++;
          }
        }
        y.data[at++] = count > 0 ? sum / count : 0;
      }
    }
  }
  return y;
};
