import { type Shape, sizeOf, Tensor } from '../../src/tensor';

/** A small seeded generator (mulberry32), so that every machine sees the same numbers. */
export class Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed >>> 0;
  }

  /** Uniform in 0..1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Uniform in `low..high`. */
  tensor(shape: Shape, low = -1, high = 1): Tensor<'float32'> {
    return Tensor.float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * this.next()),
    );
  }
}
