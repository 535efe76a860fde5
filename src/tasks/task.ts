import type { Session } from '../gpu/session';
import type { PictureSpec, Placement } from '../picture';
import type { Runner } from '../runner';
import type { Shape, Tensor } from '../tensor';
import type { Picture } from './picture';

/** Values of a network by name. */
export type Values = ReadonlyMap<string, Tensor>;

/** The outputs of one run, and the picture's place in the network's input. */
export interface PictureRun<Outputs = Values> {
  readonly outputs: Outputs;
  readonly placement: Placement;
}

/** A network whose input is a picture, on some runner. */
export interface PictureNetwork<Outputs = Values> {
  readonly spec: PictureSpec;
  /** The engine, when the network runs on one. */
  readonly engine?: { readonly device: GPUDevice };
  /** @throws ArgumentError, DeviceLostError, DisposedError */
  run(picture: Picture): Promise<PictureRun<Outputs>>;
  dispose(): void;
}

/** Work on the GPU behind a network, with the buffers that it keeps. One is made for each session. */
export interface Stage<Outputs> {
  readonly memoryBytes: number;
  /** Records into the network's own submission; the returned function, called after it, waits for what came out. */
  encode(encoder: GPUCommandEncoder, placement: Placement): () => Promise<Outputs>;
  dispose(): void;
}

/** Turns a network's outputs into a smaller or handier form: behind the network on a GPU, from tensors elsewhere. */
export interface Decoder<Outputs> {
  onGpu(session: Session): Promise<Stage<Outputs>>;
  onCpu(outputs: Values, placement: Placement, runner: Runner): Promise<Outputs>;
}

/** How a live view draws; each drawing reads what it knows. */
export interface DrawOptions {
  /** Boxes are drawn from this score on. Default 0.5. */
  readonly threshold?: number;
  /** Opacity of a mask over the frame, 0..1. Default 0.6. */
  readonly opacity?: number;
}

/** Draws over a frame, from the buffers of a session. */
export interface Drawing {
  draw(pass: GPURenderPassEncoder, placement: Placement, options: DrawOptions): void;
  dispose(): void;
}

/**
 * One thing that networks do with pictures. The record holds everything that is particular to the task; loading, running
 * on any runner and the live view are shared.
 */
export interface Task<Result, Outputs = Values> {
  /** A verb, as weights name what they are for and the command line its commands. */
  readonly name: string;
  /** The outputs that it reads, by name. */
  readonly outputs: Readonly<Record<string, { readonly shape: string; fits(shape: Shape): boolean }>>;
  readonly decoder?: Decoder<Outputs>;
  result(run: PictureRun<Outputs>, labels: readonly string[], engine?: PictureNetwork['engine']): Result;
  /** How a live view draws it: on the canvas of this name, over layers of a lower order. */
  readonly layer?: {
    readonly canvas: string;
    readonly order: number;
    create(session: Session, format: GPUTextureFormat): Promise<Drawing>;
  };
}
