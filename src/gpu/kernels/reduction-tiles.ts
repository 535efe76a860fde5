import { ceilDiv, channelBlocks, type DeviceTraits, type TensorDesc } from '../kernel';

export interface ReductionTile {
  readonly setting: string;
  readonly constants: { readonly BLOCKS: number; readonly LANES: number };
  readonly workgroups: readonly [number, number, number];
}

/**
 * Ways to share out a reduction over the pixels of an nhwc4 image `[N, C, H, W]`: a workgroup serves BLOCKS vec4s of
 * channels with LANES invocations each, x over the channels and y over the images. Best guess first.
 */
export function reductionTiles({ shape }: TensorDesc, device: DeviceTraits): ReductionTile[] {
  const [batch, channels, height, width] = shape;
  const blocks = channelBlocks(channels);
  const tile = (BLOCKS: number, LANES: number): ReductionTile => ({
    setting: `${BLOCKS}×${LANES}`,
    constants: { BLOCKS, LANES },
    workgroups: [Math.max(1, ceilDiv(blocks, BLOCKS)), batch, 1],
  });
  const plain = tile(64, 1);
  // Barriers are slow in software, and a small map has no work for many lanes.
  if (device.software || height * width < 8) return [plain, tile(16, 16), tile(8, 32), tile(2, 128)];
  // Few channels leave most blocks without any; a large map keeps many lanes busy.
  if (blocks <= 4 || height * width >= 4096) return [tile(2, 128), tile(8, 32), plain];
  return [tile(16, 16), tile(8, 32), plain];
}
