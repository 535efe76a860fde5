import type { Engine, PictureSpec, RawPicture, Runner, Tensor } from '../../src';
import type { Bounds } from '../bounds/bounds';
import type { Settings } from '../settings';
import type { Layer, Listing } from './layers';

/** What is looked at under the lid at this moment. */
export interface Scene {
  readonly runner: Runner;
  /** The runner, where it is a GPU's. */
  readonly engine: Engine | undefined;
  readonly listing: Listing;
  /** Undefined before one was chosen. */
  readonly layer: Layer | undefined;
  readonly spec: PictureSpec;
  readonly picture: RawPicture;
  /** The picture as the network sees it. */
  readonly input: Tensor;
  /** By node name, once the layers were timed. */
  readonly timesMs: ReadonlyMap<string, number>;
  readonly settings: Settings;
  change(changes: Partial<Settings>): void;
  /** Looks at another layer. */
  choose(output: string): void;
  /** What the adapter does at best. */
  bounds(engine: Engine): Promise<Bounds>;
  /** The definition of every operator on the CPU, in a worker. */
  reference(): Runner;
}

/** A part of the lid that is downloaded when it is opened. */
export interface Tool {
  /** Something that it shows has changed. */
  follow(scene: Scene): void;
}
