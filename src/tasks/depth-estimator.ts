import { mapToPicture } from './map-to-picture';
import { type Answers, answerEach, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/**
 * Says for every pixel how far away it is.
 *
 * ```ts
 * const estimator = await DepthEstimator.load(engine, 'depth-anything-v2-small.onnx');
 * context.putImageData((await estimator.estimate(picture)).toImageData(), 0, 0);
 * ```
 */
export class DepthEstimator extends VisionTask<DepthMap> {
  static readonly task: Task<DepthMap> = {
    name: 'depth',
    outputs: { depth: { shape: '[1, 1, h, w]', fits: ({ length }) => length === 4 } },
    result: ({ outputs, placement }) => {
      const { data, shape } = outputs.get('depth')!;
      const values = mapToPicture({ data, height: shape[2], width: shape[3] }, placement);
      return new DepthMap(placement.width, placement.height, values);
    },
  };

  /** A number for every pixel of a picture, or of each of several. @throws ArgumentError, DeviceLostError, DisposedError */
  async estimate<P extends Pictures>(picture: P): Promise<Answers<P, DepthMap>> {
    return answerEach(picture, (one) => this.answer(one));
  }
}

/** One number for every pixel, in the network's own measure: of most, the reciprocal of a distance, so that near is large. */
export class DepthMap {
  constructor(
    readonly width: number,
    readonly height: number,
    /** `[height, width]`, row by row from the top. */
    readonly values: Float32Array,
  ) {}

  /** The least and the greatest. */
  get range(): [least: number, greatest: number] {
    let [least, greatest] = [Infinity, -Infinity];
    for (const value of this.values) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
    return [least, greatest];
  }

  /** A byte for every pixel: the least black, the greatest white. */
  toGrey(): Uint8Array {
    const [least, greatest] = this.range;
    const scale = greatest > least ? 255 / (greatest - least) : 0;
    return Uint8Array.from(this.values, (value) => Math.round((value - least) * scale));
  }

  toImageData(): ImageData {
    const pixels = new Uint8ClampedArray(this.values.length * 4);
    for (const [i, value] of this.toGrey().entries()) pixels.set([value, value, value, 255], i * 4);
    return new ImageData(pixels, this.width, this.height);
  }
}
