import { type Candidate, ceilDiv, channelBlocks, type KernelContext } from '../kernel';
import { conv2dQuad, quadTile } from './conv2d-quad';
import { conv2dWinograd4 } from './conv2d-winograd4';

/** Variants that software adapters choose, and that tuning tries on others: loaded where they are wanted. */
export const forSoftware = (context: KernelContext<'conv2d'>): Candidate[] =>
  (winograd4Pays(context) ? [conv2dWinograd4, conv2dQuad] : [conv2dQuad, conv2dWinograd4]).flatMap((variant) =>
    variant(context),
  );

/** What it takes to transform four channels of a tile there and back, in loads. */
const TRANSFORM_INPUT = 25;
const TRANSFORM_OUTPUT = 39;

/** Whether 36 products for each 4×4 outputs and the transforms take less than 9 products for each output. */
function winograd4Pays({ inputs: [, weight], outputs: [{ shape }], device }: KernelContext<'conv2d'>): boolean {
  const [batch, , height, width] = shape;
  const [outBlocks, inBlocks] = weight.shape.map(channelBlocks);
  const tiles = batch * ceilDiv(height, 4) * ceilDiv(width, 4);
  const products = 36 * inBlocks * quadTile(outBlocks, tiles, device).cost;
  const transforms = tiles * (TRANSFORM_INPUT * inBlocks + TRANSFORM_OUTPUT * outBlocks);
  return products + transforms < 9 * inBlocks * quadTile(outBlocks, batch * height * width, device).cost;
}
