import type { NetworkOptions } from '../../src';

/** Bytes of a network, and what is known about them. */
export interface NetworkBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options: NetworkOptions;
}
