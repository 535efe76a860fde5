import { type Candidate, ceilDiv, channelBlocks, type KernelContext } from '../kernel';
import { conv2dQuad, PRODUCT_TILES, quadTile, WORTH_A_PIPELINE } from './conv2d-quad';
import { conv2dWinograd4 } from './conv2d-winograd4';
import { conv2dWinograd6 } from './conv2d-winograd6';

type Context = KernelContext<'conv2d'>;

/** Variants that software adapters choose, and that tuning tries on others: loaded where they are wanted. */
export const softwareVariants = (context: Context): Candidate[] =>
  [
    { variant: conv2dQuad, cost: quadCost(context) },
    { variant: conv2dWinograd4, cost: winogradCost(context, 4, 25, 39) + WORTH_A_PIPELINE },
    { variant: conv2dWinograd6, cost: winogradCost(context, 6, 50, 75) + 2 * WORTH_A_PIPELINE },
  ]
    .sort((a, b) => a.cost - b.cost)
    .flatMap(({ variant }) => variant(context));

/** What it costs, in loads, that four vec4s of weights come from memory, once a frame. */
const FETCH = 0.75;

/** What 3×3 takes by quads, counted in loads. */
function quadCost({ inputs: [, weight], outputs: [{ shape }], device }: Context): number {
  const [batch, , height, width] = shape;
  const [outBlocks, inBlocks] = weight.shape.map(channelBlocks);
  const turns = 9 * inBlocks;
  return quadTile(outBlocks, batch * height * width, turns, device).cost + FETCH * turns * outBlocks;
}

/** What F(m×m, 3×3) takes where four channels of a tile take so much to be transformed there and back, in loads. */
function winogradCost(context: Context, m: number, input: number, output: number): number {
  const { inputs, outputs, device } = context;
  const [batch, , height, width] = outputs[0].shape;
  const [outBlocks, inBlocks] = inputs[1].shape.map(channelBlocks);
  const tiles = batch * ceilDiv(height, m) * ceilDiv(width, m);
  const turns = (m + 2) ** 2 * inBlocks;
  const products = quadTile(outBlocks, tiles, turns, device, PRODUCT_TILES).cost + FETCH * turns * outBlocks;
  return products + tiles * (input * inBlocks + output * outBlocks);
}
