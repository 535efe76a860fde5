import type { Bounds } from '../../demo/bounds/bounds';
import type { LayerWork } from '../roofline';
import type { CaseCounts } from './cases';
import type { Costs } from './costs';
import type { Frames } from './frames';
import type { Description, Measurements } from './measurements';
import type { VariantsReport } from './variants';

export type PlaceName = 'node' | 'chrome';

type Argument<K extends keyof Measurements> = Parameters<Measurements[K]>[0];
type Result<K extends keyof Measurements> = Awaited<ReturnType<Measurements[K]>>;

/** Somewhere to measure: Node, or fresh browsers. */
export interface Place {
  readonly name: PlaceName;
  /** Goes before addresses. */
  readonly origin: string;
  /** @param ms after which it should be done: a call that takes far longer is given up */
  call<K extends keyof Measurements>(name: K, argument: Argument<K>, ms: number): Promise<Result<K>>;
}

/** All that was measured in one place; what failed is left out. */
export interface PlaceReport {
  description?: Description;
  bounds?: Bounds;
  costs?: Costs;
  readonly cases: CaseCounts[];
  readonly frames: (Frames & { readonly downloadBytes: number })[];
  readonly layers: LayerWork[];
  readonly variants: VariantsReport[];
}
