import type { PictureSpec, RawPicture, Tensor } from '../../src';
import type { Layer, Listing } from './layers';

/** A layer's output for a picture, with what is needed to explain it. */
export interface Looked {
  readonly listing: Listing;
  readonly layer: Layer;
  readonly spec: PictureSpec;
  readonly picture: RawPicture;
  /** Names of the network's classes, by index; none where they are not known. */
  readonly labels: readonly string[];
  /** The layer's output, and what went into it. */
  readonly values: ReadonlyMap<string, Tensor>;
}

/** A class by its name as well as its number, where there are as many classes as names. */
export function className({ labels }: Pick<Looked, 'labels'>, index: number, classes: number): string {
  return labels.length === classes ? `${index} ${labels[index].replaceAll('_', ' ')}` : String(index);
}
