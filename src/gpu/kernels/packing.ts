import type { PackedOperand } from '../kernel';
import type { TensorDesc } from '../layout';

type Numbers = NonNullable<TensorDesc['constant']>['data'];

/** Numbers that are known at load, rearranged: `fill` writes `size` of them, which are zero before. */
export const packConstant = (
  { value, constant }: TensorDesc,
  arrangement: string,
  size: number,
  fill: (data: Numbers, packed: Float32Array) => void,
): PackedOperand => ({
  kind: 'constant',
  key: `${value}/${arrangement}`,
  pack: () => {
    const packed = new Float32Array(size);
    fill(constant!.data, packed);
    return packed;
  },
});

/**
 * Weights `[O, C/groups, KH, KW]`, or `[O, C]`, as `[KH, KW, lanes, O/4]` vec4 of four output channels, so that
 * invocations that make neighbouring outputs read neighbouring memory. Zeros fill up the outputs to `outBlocks` vec4s.
 *
 * @param lanes input channels per tap: those of a group, or these rounded up to whole vec4s of x
 */
export function packWeights(weight: TensorDesc, lanes: number, outBlocks: number): PackedOperand {
  const [outChannels, groupChannels, kernelHeight = 1, kernelWidth = 1] = weight.shape;
  const taps = kernelHeight * kernelWidth;
  return packConstant(weight, `taps×${lanes}×${outBlocks}`, taps * lanes * outBlocks * 4, (data, packed) => {
    let i = 0;
    for (let o = 0; o < outChannels; o++) {
      for (let c = 0; c < groupChannels; c++) {
        for (let tap = 0; tap < taps; tap++) packed[(tap * lanes + c) * outBlocks * 4 + o] = data[i++];
      }
    }
  });
}

/** Weights `[…, 4, O/4]` vec4 as `[…, O/4]` matrices of four inputs by four outputs, which lie as quads load them. */
export function inMatrices(weights: PackedOperand, outBlocks: number): PackedOperand {
  const pack = (): Float32Array => {
    const rows = weights.pack() as Float32Array;
    const matrices = new Float32Array(rows.length);
    let to = 0;
    for (let four = 0; four < rows.length; four += 16 * outBlocks) {
      for (let block = 0; block < outBlocks; block++) {
        for (let c = 0; c < 4; c++) {
          for (let o = 0; o < 4; o++) matrices[to++] = rows[four + 4 * (c * outBlocks + block) + o];
        }
      }
    }
    return matrices;
  };
  return { ...weights, key: `${weights.key}/matrices`, pack };
}

/** A bias `[O]` as vec4s, with zeros up to `blocks` of them. */
export const packBias = (bias: TensorDesc, blocks: number): PackedOperand =>
  packConstant(bias, `vec4×${blocks}`, blocks * 4, (data, packed) => packed.set(data));

/** Operands one behind the other. */
export const joinPacked = (packed: readonly PackedOperand[]): PackedOperand => ({
  kind: 'constant',
  key: packed.map(({ key }) => key).join('+'),
  pack: () => Float32Array.from(packed.flatMap(({ pack }) => [...pack()])),
});

/** Vectors `[C]` as vec4s, one behind the other, each with zeros up to `blocks` of them. */
export const packVectors = (vectors: readonly TensorDesc[], blocks: number): PackedOperand =>
  joinPacked(vectors.map((vector) => packBias(vector, blocks)));
