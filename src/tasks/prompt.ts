import type { Placement } from '../picture';
import type { Tensor } from '../tensor';
import { mapToPicture } from './map-to-picture';
import type { Box } from './object-detector';

/** A file of a network: its address or, in Node, its path; or its bytes. */
export type PromptableFile = string | URL | Uint8Array | ArrayBuffer | Blob;

/** What to cut out, in pixels of the picture. */
export interface Prompt {
  /** Points on the thing, or with `inside: false` beside it. */
  readonly points?: readonly { readonly x: number; readonly y: number; readonly inside?: boolean }[];
  /** A box around the thing. */
  readonly box?: Box;
  /** An earlier mask of the same picture, which the prompt refines. */
  readonly previous?: PromptMask;
}

/** One thing that a prompt may mean. */
export class PromptMask {
  #pixels: Uint8Array | undefined;

  constructor(
    /** How well the network thinks that the mask fits, about 0..1. */
    readonly score: number,
    /** The network's own map `[h, w]`: above 0 the thing is. */
    readonly logits: Tensor<'float32'>,
    private readonly placement: Placement,
  ) {}

  get width(): number {
    return this.placement.width;
  }

  get height(): number {
    return this.placement.height;
  }

  /** `[height, width]` of the picture: 1 where the thing is. Made when it is first asked for. */
  get pixels(): Uint8Array {
    this.#pixels ??= Uint8Array.from(atPictureSize(this.logits, this.placement), (logit) => Number(logit > 0));
    return this.#pixels;
  }

  /** How many pixels it has. */
  get area(): number {
    return this.pixels.reduce((sum, pixel) => sum + pixel, 0);
  }
}

/** Interpolated to the size of the input first, then from the part that the picture fills, as SAM's own code does it. */
function atPictureSize({ data, shape: [height, width] }: Tensor<'float32'>, placement: Placement): Float32Array {
  const [inputHeight, inputWidth] = placement.inputSize;
  const whole = mapToPicture({ data, width, height }, stretched(inputWidth, inputHeight, inputWidth, inputHeight));
  const [columns, rows] = [Math.round(placement.target.width), Math.round(placement.target.height)];
  const seen = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    seen.set(whole.subarray(row * inputWidth, row * inputWidth + columns), row * columns);
  }
  const part = { data: seen, width: columns, height: rows };
  return mapToPicture(part, stretched(placement.width, placement.height, columns, rows));
}

/** A picture of one size that fills an input of another. */
function stretched(width: number, height: number, columns: number, rows: number): Placement {
  return {
    width,
    height,
    inputSize: [rows, columns],
    source: { x: 0, y: 0, width, height },
    target: { x: 0, y: 0, width: columns, height: rows },
  };
}
