import type { Conv2dAttributes } from '../operators/conv2d';
import type { Epilogue } from '../operators/epilogue';
import { type Shape, Tensor } from '../tensor';
import { applyEpilogue } from './epilogue';
import type { Reference } from './reference';
import { resize2d } from './resize2d';
import { rangeInside } from './strided';

/**
 * Two-dimensional convolution (cross-correlation), the definition written out:
 * `y[n,o,i,j] = epilogue(bias[o] + Σ x[n, g·C/G + c, i·stride + u·dilation - padding, …] · weight[o,c,u,v])`.
 * The sum over the taps is the outer loop, so that the inner one runs along rows of `x` and `y`.
 */
export const conv2d: Reference<'conv2d'> = ([x, weight, bias, residual], attributes, [shape]) => {
  const sums = convolutionSums([x, weight, bias], attributes, shape);
  return Tensor.float32(shape, applyEpilogue(sums, residual && repeated(residual, shape), attributes));
};

/** The sums of a convolution, not rounded, without its epilogue. */
export function convolutionSums(
  [x, weight, bias]: readonly Tensor[],
  { stride, dilation, padding, groups }: Omit<Conv2dAttributes, keyof Epilogue>,
  shape: Shape,
): Float64Array {
  const [batch, channels, height, width] = x.shape;
  const [, groupChannels, kernelHeight, kernelWidth] = weight.shape;
  const [, outChannels, outHeight, outWidth] = shape;
  const source = x.data;
  const sums = new Float64Array(batch * outChannels * outHeight * outWidth);
  for (let plane = 0; plane < batch * outChannels; plane++) {
    const n = Math.floor(plane / outChannels);
    const o = plane % outChannels;
    const firstChannel = n * channels + Math.floor(o / (outChannels / groups)) * groupChannels;
    const yPlane = plane * outHeight * outWidth;
    sums.fill(bias.data[o], yPlane, yPlane + outHeight * outWidth);
    let tap = o * groupChannels * kernelHeight * kernelWidth;
    for (let c = 0; c < groupChannels; c++) {
      const xPlane = (firstChannel + c) * height * width;
      for (let u = 0; u < kernelHeight; u++) {
        const rowOffset = u * dilation[0] - padding[0];
        const [firstRow, endRow] = rangeInside(rowOffset, stride[0], outHeight, height);
        for (let v = 0; v < kernelWidth; v++) {
          const columnOffset = v * dilation[1] - padding[1];
          const [firstColumn, endColumn] = rangeInside(columnOffset, stride[1], outWidth, width);
          const w = weight.data[tap++];
          for (let i = firstRow; i < endRow; i++) {
            const yRow = yPlane + i * outWidth;
            const xRow = xPlane + (i * stride[0] + rowOffset) * width + columnOffset;
            for (let j = firstColumn; j < endColumn; j++) sums[yRow + j] += w * source[xRow + j * stride[1]];
          }
        }
      }
    }
  }
  return sums;
}

/** Repeats every pixel until the picture has the given shape. */
function repeated(x: Tensor, shape: Shape): Tensor {
  const size = [shape[2], shape[3]] as const;
  const scale = [size[0] / x.shape[2], size[1] / x.shape[3]] as const;
  const nearest = { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor', cubicA: 0 } as const;
  return resize2d([x], { ...nearest, size, scale }, [shape]);
}
