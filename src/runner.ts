import type { Graph } from './graph/graph';
import type { PictureSpec, Placement, RawPicture } from './picture';
import type { Tensor } from './tensor';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A network that a runner has made ready. */
export interface LoadedGraph {
  readonly graph: Graph;
  /**
   * Runs the network once. An output whose length only the run tells (`graph.rowCounts`) has the rows that count.
   *
   * @param options `outputs`: values to return instead of the graph's outputs, any value of the graph
   * @throws ArgumentError for an input that is missing or does not fit, and for an unknown output
   */
  run(inputs: Tensors, options?: { readonly outputs?: readonly string[] }): Promise<Record<string, Tensor>>;
  dispose(): void;
}

/** Runs networks: the engine on a GPU, or the reference on the CPU. */
export interface Runner {
  readonly kind: 'gpu' | 'cpu' | 'reference';
  /** For people: the adapter's name, for instance. */
  readonly name: string;
  /** @param options `optimise: false` runs the graph as it is, without fusing */
  load(graph: Graph, options?: { readonly optimise?: boolean }): Promise<LoadedGraph>;
  /** Makes a picture what a network sees, `[1, 3, H, W]`, where the runner computes, so that this thread does not wait. */
  prepare?(picture: RawPicture, spec: PictureSpec): Promise<Tensor>;
  /** Finds the class of every pixel of the picture from logits `[1, classes, h, w]`, there as well. */
  segmentMask?(logits: Tensor, placement: Placement): Promise<Uint8Array>;
  /** Compiles ahead what a graph will need, while its constants are still on their way. */
  compile?(graph: Graph): Promise<void>;
  dispose(): void;
}
