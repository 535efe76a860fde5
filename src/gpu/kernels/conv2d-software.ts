import { type Candidate, ceilDiv, type KernelContext, roundUp } from '../kernel';
import { conv2dQuad, QUAD_PIXELS } from './conv2d-quad';
import { conv2dWinograd4 } from './conv2d-winograd4';

/** Variants that software adapters choose, and that tuning tries on others: loaded where they are wanted. */
export const forSoftware = (context: KernelContext<'conv2d'>): Candidate[] =>
  (winograd4Pays(context) ? [conv2dWinograd4, conv2dQuad] : [conv2dQuad, conv2dWinograd4]).flatMap((variant) =>
    variant(context),
  );

/** What the transforms add to the products, as measured at 64 channels. */
const TRANSFORMS = 1.3;

/** Whether 36 products for each 4×4 outputs are fewer than 9 for each, where quads take up to 12 of either at once. */
function winograd4Pays({ outputs: [{ shape }] }: KernelContext<'conv2d'>): boolean {
  const [batch, , height, width] = shape;
  const tiles = batch * ceilDiv(height, 4) * ceilDiv(width, 4);
  return TRANSFORMS * 36 * roundUp(tiles, QUAD_PIXELS) < 9 * roundUp(batch * height * width, QUAD_PIXELS);
}
