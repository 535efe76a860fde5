import { yours } from '../yours';

/** Exercise 1: loads for each multiply-add of a register tile of so many pixels and channels. */
export const loadsPerMultiplyAdd: (pixels: number, channels: number) => number = yours;

/** Exercise 2: how many times fewer products Winograd's F(tile × tile, 3×3) needs than the definition. */
export const productsSaved: (tile: number) => number = yours;
