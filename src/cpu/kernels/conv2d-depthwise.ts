import { makeStore } from '../epilogue';
import type { KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Multiply-adds of a part. */
const PART_SIZE = 1 << 19;

/**
 * Convolution of each channel by filters of its own. A plane is copied into a frame of zeros, so that no tap has to ask
 * whether it is inside, which takes finite weights; the nine weights of a 3×3 filter stay in registers for the whole plane.
 */
export const conv2dDepthwise: KernelFamily<'conv2d'> = {
  fits: ({ attributes }, { inputs: [x, weight] }, isConstant) =>
    isConstant && attributes.groups === x.shape[1] && weight.shape[1] === 1,
  bind({ attributes }, [x, weight, bias, residual], [y]) {
    const { stride, dilation, padding } = attributes;
    const [batch, channels, height, width] = x.shape;
    const [outChannels, , kernelHeight, kernelWidth] = weight.shape;
    const [, , outHeight, outWidth] = y.shape;
    const source = x.data as Float32Array;
    const store = makeStore(attributes, bias.data as Float32Array, residual, y);
    const frameHeight = (outHeight - 1) * stride[0] + (kernelHeight - 1) * dilation[0] + 1;
    const frameWidth = (outWidth - 1) * stride[1] + (kernelWidth - 1) * dilation[1] + 1;
    const frameSize = frameHeight * frameWidth;
    const pixels = outHeight * outWidth;
    const taps = kernelHeight * kernelWidth;
    const planes = batch * outChannels;
    const perPart = piecesPerPart(PART_SIZE, pixels * taps, planes);
    const convolve = taps === 9 && kernelWidth === 3 ? convolve3x3 : convolveAny;
    const geometry: Geometry = {
      rows: outHeight,
      columns: outWidth,
      kernelHeight,
      kernelWidth,
      rowStep: stride[0] * frameWidth,
      columnStep: stride[1],
      tapRowStep: dilation[0] * frameWidth,
      tapColumnStep: dilation[1],
    };

    /** The plane without what no tap sees, with its padding. */
    const frame = (plane: number, scratch: Float32Array): void => {
      const [top, left] = padding;
      const firstColumn = Math.min(left, frameWidth);
      const endColumn = Math.min(left + width, frameWidth);
      scratch.fill(0, 0, frameSize);
      for (let i = top; i < Math.min(top + height, frameHeight); i++) {
        let at = (plane * height + i - top) * width;
        for (let to = i * frameWidth + firstColumn, end = i * frameWidth + endColumn; to < end; to++, at++) {
          scratch[to] = source[at];
        }
      }
    };

    return {
      parts: Math.ceil(planes / perPart),
      scratchSize: frameSize + pixels,
      run(part, scratch) {
        for (let plane = part * perPart; plane < Math.min(planes, (part + 1) * perPart); plane++) {
          const n = Math.floor(plane / outChannels);
          const o = plane - n * outChannels;
          frame(n * channels + Math.floor(o / (outChannels / channels)), scratch);
          convolve(geometry, scratch, weight.data as Float32Array, o * taps, frameSize);
          store.row(scratch, frameSize, pixels, o, plane * pixels, 0);
        }
      },
    };
  },
};

/** Sizes of the output and the filter; steps in numbers of the frame. */
interface Geometry {
  readonly rows: number;
  readonly columns: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly tapRowStep: number;
  readonly tapColumnStep: number;
}

/** Writes the sums of a plane from `to` on, behind the frame that they come from. */
function convolve3x3(
  { rows, columns, rowStep, columnStep, tapRowStep, tapColumnStep }: Geometry,
  frame: Float32Array,
  weights: Float32Array,
  at: number,
  to: number,
): void {
  const w0 = weights[at];
  const w1 = weights[at + 1];
  const w2 = weights[at + 2];
  const w3 = weights[at + 3];
  const w4 = weights[at + 4];
  const w5 = weights[at + 5];
  const w6 = weights[at + 6];
  const w7 = weights[at + 7];
  const w8 = weights[at + 8];
  const right = 2 * tapColumnStep;
  for (let i = 0; i < rows; i++) {
    let a = i * rowStep;
    let b = a + tapRowStep;
    let c = b + tapRowStep;
    for (let end = to + columns; to < end; to++, a += columnStep, b += columnStep, c += columnStep) {
      frame[to] =
        w0 * frame[a] +
        w1 * frame[a + tapColumnStep] +
        w2 * frame[a + right] +
        (w3 * frame[b] + w4 * frame[b + tapColumnStep] + w5 * frame[b + right]) +
        (w6 * frame[c] + w7 * frame[c + tapColumnStep] + w8 * frame[c + right]);
    }
  }
}

function convolveAny(
  { rows, columns, kernelHeight, kernelWidth, rowStep, columnStep, tapRowStep, tapColumnStep }: Geometry,
  frame: Float32Array,
  weights: Float32Array,
  at: number,
  to: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, to++) {
      let sum = 0;
      let tap = at;
      for (let u = 0; u < kernelHeight; u++) {
        let from = i * rowStep + j * columnStep + u * tapRowStep;
        for (let v = 0; v < kernelWidth; v++, from += tapColumnStep) sum += weights[tap++] * frame[from];
      }
      frame[to] = sum;
    }
  }
}
