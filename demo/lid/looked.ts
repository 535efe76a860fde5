import type { PictureSpec, RawPicture, Tensor } from '../../src';
import type { Layer, Listing } from './layers';

/** A layer's output for a picture, with what is needed to explain it. */
export interface Looked {
  readonly listing: Listing;
  readonly layer: Layer;
  readonly spec: PictureSpec;
  readonly picture: RawPicture;
  /** The layer's output, and what went into it. */
  readonly values: ReadonlyMap<string, Tensor>;
}
