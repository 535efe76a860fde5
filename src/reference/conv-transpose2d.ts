import { Tensor } from '../tensor';
import { applyEpilogue } from './epilogue';
import type { Reference } from './reference';
import { rangeInside } from './strided';

/**
 * Transposed convolution, the gradient of {@link conv2d} with respect to its input: every input pixel adds its value
 * times the kernel to the output, `y[n, g·O/G + o, i·stride + u·dilation - padding, …] += x[n,c,i,j] · weight[c,o,u,v]`,
 * then bias, residual and activation follow. Output padding lengthens the output at its end; its pixels are not zero.
 */
export const convTranspose2d: Reference<'conv-transpose2d'> = ([x, weight, bias, residual], attributes, [shape]) => {
  const [batch, channels, height, width] = x.shape;
  const [, groupOutputs, kernelHeight, kernelWidth] = weight.shape;
  const [, outChannels, outHeight, outWidth] = shape;
  const { stride, dilation, padding, groups } = attributes;
  const groupChannels = channels / groups;
  const source = x.data;
  const sums = new Float64Array(batch * outChannels * outHeight * outWidth);
  for (let plane = 0; plane < batch * outChannels; plane++) {
    const n = Math.floor(plane / outChannels);
    const o = plane % outChannels;
    const firstChannel = Math.floor(o / groupOutputs) * groupChannels;
    const yPlane = plane * outHeight * outWidth;
    sums.fill(bias.data[o], yPlane, yPlane + outHeight * outWidth);
    for (let c = firstChannel; c < firstChannel + groupChannels; c++) {
      const xPlane = (n * channels + c) * height * width;
      let tap = (c * groupOutputs + (o % groupOutputs)) * kernelHeight * kernelWidth;
      for (let u = 0; u < kernelHeight; u++) {
        const rowOffset = u * dilation[0] - padding[0];
        const [firstRow, endRow] = rangeInside(rowOffset, stride[0], height, outHeight);
        for (let v = 0; v < kernelWidth; v++) {
          const columnOffset = v * dilation[1] - padding[1];
          const [firstColumn, endColumn] = rangeInside(columnOffset, stride[1], width, outWidth);
          const w = weight.data[tap++];
          for (let i = firstRow; i < endRow; i++) {
            const xRow = xPlane + i * width;
            const yRow = yPlane + (i * stride[0] + rowOffset) * outWidth + columnOffset;
            for (let j = firstColumn; j < endColumn; j++) sums[yRow + j * stride[1]] += w * source[xRow + j];
          }
        }
      }
    }
  }
  return Tensor.float32(shape, applyEpilogue(sums, residual, attributes));
};
