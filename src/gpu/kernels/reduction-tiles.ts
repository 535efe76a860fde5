import type { DeviceTraits } from '../adapter-profile';
import type { Grid } from '../grid';
import { ceilDiv, channelBlocks, type TensorDesc } from '../layout';

/**
 * Ways to share out a reduction over the pixels of an nhwc4 image `[N, C, H, W]`: a workgroup serves BLOCKS vec4s of
 * channels with LANES invocations each, x over the channels and y over the images. Best guess first.
 */
export function reductionTiles({ shape }: TensorDesc, { profile }: DeviceTraits): { setting: string; grid: Grid }[] {
  const [batch, channels, height, width] = shape;
  const blocks = channelBlocks(channels);
  const tile = (BLOCKS: number, LANES: number) => ({
    setting: `${BLOCKS}×${LANES}`,
    grid: {
      workgroups: [Math.max(1, ceilDiv(blocks, BLOCKS)), batch, 1],
      constants: { BLOCKS, LANES },
    } satisfies Grid as Grid,
  });
  const plain = tile(64, 1);
  // A small map has no work for many lanes.
  if (profile.slowBarriers || height * width < 8) return [plain, tile(16, 16), tile(8, 32), tile(2, 128)];
  // Few channels leave most blocks without any; a large map keeps many lanes busy.
  if (blocks <= 4 || height * width >= 4096) return [tile(2, 128), tile(8, 32), plain];
  return [tile(16, 16), tile(8, 32), plain];
}
