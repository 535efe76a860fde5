import wgsl from '../../../shaders/resize2d.wgsl?raw';
import type { OperatorAttributes } from '../../operators';
import { rowGrid } from '../grid';
import { candidate, imageToImage, type OperatorKernels } from '../kernel';
import { channelBlocks, view } from '../layout';
import { defineShader } from '../shader';

type Resize = OperatorAttributes['resize2d'];

const shader = defineShader('resize2d', wgsl);
const TAPS = { nearest: 1, linear: 2, cubic: 4 } as const;

/** Nearest, linear and cubic resizing with every way of counting coordinates. */
export const resize2d: OperatorKernels<'resize2d'> = {
  layouts: imageToImage,
  candidates: ({ node: { attributes }, inputs: [x], outputs: [y], device }) => {
    const [batch, channels, outHeight, outWidth] = y.shape;
    const [, , height, width] = x.shape;
    const rows = batch * outHeight;
    const blocks = channelBlocks(channels);
    const pack = (): Int32Array =>
      Int32Array.from([...axisTaps(attributes, 0, height), ...axisTaps(attributes, 1, width)]);
    const launch = {
      grid: rowGrid(outWidth * blocks, rows, device),
      constants: { TAPS: TAPS[attributes.mode] },
      bind: { x, taps: { kind: 'constant', key: `${y.value}/taps`, pack }, y },
      params: { x: view(x), y: view(y), rows, out_height: outHeight, out_width: outWidth, blocks },
    } as const;
    return [candidate(shader, launch, attributes.mode)];
  },
};

/** For each output row or column: the indices of its source pixels, then the bits of their weights. */
function axisTaps(attributes: Resize, axis: 0 | 1, inputSize: number): number[] {
  const { mode, rounding, cubicA } = attributes;
  const clamp = (i: number): number => Math.min(Math.max(i, 0), inputSize - 1);
  return Array.from({ length: attributes.size[axis] }, (_, i) => {
    const at = sourceCoordinate(attributes, axis, inputSize, i);
    if (mode === 'nearest') return [clamp(ROUND[rounding](at)), float32Bits(1)];
    if (mode === 'linear') {
      const first = Math.floor(clamp(at));
      const fraction = clamp(at) - first;
      return [first, clamp(first + 1), ...[1 - fraction, fraction].map(float32Bits)];
    }
    const first = Math.floor(at) - 1;
    const distances = [0, 1, 2, 3].map((tap) => Math.abs(at - first - tap));
    return [...distances.map((_, tap) => clamp(first + tap)), ...distances.map((d) => float32Bits(cubic(d, cubicA)))];
  }).flat();
}

/** Rounded to float32, as other engines compute it: a coordinate that should be whole then is. */
function sourceCoordinate({ coordinates, size, scale }: Resize, axis: 0 | 1, inputSize: number, i: number): number {
  const single = size[axis] === 1;
  switch (coordinates) {
    case 'align-corners':
      return single ? 0 : Math.fround((i * (inputSize - 1)) / (size[axis] - 1));
    case 'asymmetric':
      return Math.fround(i / scale[axis]);
    case 'half-pixel':
    case 'pytorch-half-pixel':
      return single && coordinates === 'pytorch-half-pixel' ? 0 : Math.fround((i + 0.5) / scale[axis] - 0.5);
  }
}

const ROUND: Readonly<Record<Resize['rounding'], (at: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  'round-prefer-floor': (at) => Math.ceil(at - 0.5),
  'round-prefer-ceil': (at) => Math.floor(at + 0.5),
};

/** Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15, with coefficient `a`. */
function cubic(distance: number, a: number): number {
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1;
  return distance < 2 ? a * (((distance - 5) * distance + 8) * distance - 4) : 0;
}

const words = new DataView(new ArrayBuffer(4));

function float32Bits(value: number): number {
  words.setFloat32(0, value);
  return words.getInt32(0);
}
