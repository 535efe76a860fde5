import wgsl from '../../shaders/picture-filtered.wgsl?raw';
import type { PictureSpec } from '../picture';
import { defineShader } from './shader';

/** Imported lazily: few networks were trained on pictures that were resized so. */
export const filtered = defineShader('picture-filtered', wgsl);

/** Pillow's numbers of its filters. */
export const FILTER_NUMBERS = {
  nearest: 0,
  lanczos: 1,
  bilinear: 2,
  bicubic: 3,
  box: 4,
  hamming: 5,
} as const satisfies Record<NonNullable<PictureSpec['filter']>, number>;
