import { type Grid, grid1d, subgroupsAlong } from '../grid';
import type { KernelContext } from '../kernel';
import { ceilDiv, channelBlocks, powerWithin } from '../layout';
import { outputRows } from './convolution';

/** More columns of a workgroup leave more of them past the last channel, and fewer load a pixel for fewer channels. */
const LEAST_COLUMNS = 4;
/** Blocks of channels that a slice adds up for each tap. */
const LONG_SUM = 6;
const FEW_SLICES = 4;
/** Every device allows so many invocations of a workgroup. */
const INVOCATIONS = 128;

/**
 * How workgroups make an image whose sums over blocks of inputs their invocations share out. With one slice nothing is
 * shared.
 *
 * @param pixels of a row that an invocation makes, of one block of outputs
 * @returns undefined where the image has more rows of tiles than a grid is long
 */
export function shareSums(
  { outputs, device }: Pick<KernelContext, 'outputs' | 'device'>,
  inBlocks: number,
  pixels: number,
): { readonly slices: number; readonly grid: Grid } | undefined {
  const { sharedSumInvocations, subgroupSize = 0 } = device.profile;
  const columns = Math.max(LEAST_COLUMNS, subgroupSize);
  const outBlocks = channelBlocks(outputs[0].shape[1]);
  const { rows, width } = outputRows({ outputs });
  const tiles = rows * ceilDiv(width, pixels);
  // More than useful slices leave a workgroup fewer tiles for each weight that it loads: only long sums make that good.
  const useful = (2 * sharedSumInvocations) / (tiles * outBlocks);
  const most = Math.max(useful, Math.min(2 * useful, inBlocks / LONG_SUM, FEW_SLICES));
  const slices = powerWithin(Math.min(INVOCATIONS / columns, inBlocks, most));
  const tilesOfGroup = INVOCATIONS / columns / slices;
  const [y, z] = grid1d(tiles, tilesOfGroup, device);
  if (z > 1) return undefined;
  return {
    slices,
    grid: {
      workgroups: [ceilDiv(outBlocks, columns), y, 1],
      constants: { BLOCKS: columns, TILES: tilesOfGroup, SLICES: slices },
      ...subgroupsAlong(columns, device),
    },
  };
}
