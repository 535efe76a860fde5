import { tapsBefore } from '../operators/window';
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
        const [top, left] = [i * stride[0] - padding[0], j * stride[1] - padding[1]];
        const rowsBefore = (end: number): number => tapsBefore(end, top, dilation[0], kernel[0]);
        const columnsBefore = (end: number): number => tapsBefore(end, left, dilation[1], kernel[1]);
        const [firstRow, lastRow] = [rowsBefore(0), rowsBefore(height)];
        const [firstColumn, lastColumn] = [columnsBefore(0), columnsBefore(width)];
        for (let u = firstRow; u < lastRow; u++) {
          for (let v = firstColumn; v < lastColumn; v++) {
            sum += source[(plane * height + top + u * dilation[0]) * width + left + v * dilation[1]];
          }
        }
        const count = countIncludePad
          ? rowsBefore(height + bottom) * columnsBefore(width + right)
          : (lastRow - firstRow) * (lastColumn - firstColumn);
        y.data[at++] = count > 0 ? sum / count : 0;
      }
    }
  }
  return y;
};
