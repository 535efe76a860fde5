import { type DownloadProgress, download, type NetworkOptions } from '../../src';
import networks from './networks.json';
import { type Channels, type Fit, type Preparation, placementSpec, type Triple } from './preparation';

/** A network by other people that the page offers: where it is, whose it is, and what it wants of a picture. */
export interface PublicNetwork {
  readonly name: string;
  /** The things that it finds. */
  readonly task: string;
  /** At a commit, so that it never changes. */
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly licence: string;
  readonly source: string;
  readonly labels: readonly string[];
  readonly preparation: Pick<Preparation, 'channels' | 'fit' | 'mean' | 'std'>;
}

export const PUBLIC_NETWORKS: readonly PublicNetwork[] = networks.map(({ preparation, ...network }) => ({
  ...network,
  preparation: {
    channels: preparation.channels as Channels,
    fit: preparation.fit as Fit,
    mean: triple(preparation.mean),
    std: triple(preparation.std),
  },
}));

function triple([a, b, c]: readonly number[]): Triple {
  return [a, b, c];
}

/** What a program says about one of them when it loads it for a task. */
export function optionsOf({ labels, preparation }: PublicNetwork): NetworkOptions {
  // The file itself says how large its pictures are.
  const { size: _, ...spec } = placementSpec({ layout: 'nchw', size: [1, 1], ...preparation });
  return { labels, preparation: spec };
}

/** Downloads one of them. @throws DownloadError when it cannot be had, or is not the expected file */
export const fetchNetwork = (
  { url, sha256 }: PublicNetwork,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal,
): Promise<Uint8Array> => download(url, { sha256, onProgress, signal });
