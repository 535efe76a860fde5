import { checkOptions } from '../arguments';
import type { Placement } from '../picture';
import type { Tensor } from '../tensor';
import type { InstanceMask } from './instances';
import { mapToPicture } from './map-to-picture';
import { aboveThreshold, type Detection, type DetectOptions, toDetections } from './object-detector';
import { type Answers, answerEach, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/** A detected thing whose mask is made when it is asked for. */
interface Candidate extends Detection {
  mask(): Uint8Array;
}

/**
 * Finds things and the pixels of each.
 *
 * ```ts
 * const segmenter = await InstanceSegmenter.load(engine, 'yolo11n-seg.onnx');
 * for (const { detection, pixels } of await segmenter.segment(picture)) draw(detection.box, pixels);
 * ```
 */
export class InstanceSegmenter extends VisionTask<Candidate[]> {
  static readonly task: Task<Candidate[]> = {
    name: 'instances',
    outputs: {
      detections: { shape: '[M, 6]', fits: ({ 1: row, length }) => length === 2 && row === 6 },
      coefficients: { shape: '[M, P]', fits: ({ length }) => length === 2 },
      prototypes: { shape: '[1, P, h, w]', fits: ({ length }) => length === 4 },
    },
    result: ({ outputs, placement }, labels) => {
      const rows = outputs.get('detections')!.data as Float32Array;
      const coefficients = outputs.get('coefficients')!;
      const prototypes = outputs.get('prototypes')!;
      const [, count] = coefficients.shape;
      const things = Array.from({ length: rows.length / 6 }, (_, k): Candidate => {
        const [detection] = toDetections(rows.subarray(k * 6, k * 6 + 6), labels, placement);
        const own = (coefficients.data as Float32Array).subarray(k * count, (k + 1) * count);
        return { ...detection, mask: () => maskOf(own, prototypes, detection, placement) };
      });
      return things.sort((a, b) => b.score - a.score);
    },
  };

  /** The things in a picture, or in each of several, with their pixels, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async segment<P extends Pictures>(picture: P, options: DetectOptions = {}): Promise<Answers<P, InstanceMask[]>> {
    checkOptions(options, { threshold: true, topK: true });
    return answerEach(picture, async (one) =>
      (aboveThreshold(await this.answer(one), options) as Candidate[]).map(({ mask, ...detection }) => {
        const pixels = mask();
        return { detection, pixels, area: pixels.reduce((sum, pixel) => sum + pixel, 0) };
      }),
    );
  }
}

/**
 * The pixels within a thing's box at which the mix of prototypes is above 0 (Bolya et al. 2019, "YOLACT", section 3.2): it is
 * a logit. Interpolated first, as Ultralytics does, so that borders are smooth.
 */
function maskOf(
  coefficients: Float32Array,
  { data, shape: [, count, height, width] }: Tensor,
  { box }: Detection,
  placement: Placement,
): Uint8Array {
  const size = height * width;
  const logits = new Float32Array(size);
  for (let p = 0; p < count; p++) for (let i = 0; i < size; i++) logits[i] += coefficients[p] * data[p * size + i];
  const [left, top] = [Math.floor(box.xmin), Math.floor(box.ymin)];
  const [right, bottom] = [Math.ceil(box.xmax), Math.ceil(box.ymax)];
  const inside = mapToPicture({ data: logits, width, height }, placement, { left, top, right, bottom });
  const pixels = new Uint8Array(placement.width * placement.height);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const isInside = x >= box.xmin && x < box.xmax && y >= box.ymin && y < box.ymax;
      const logit = inside[(y - top) * (right - left) + x - left];
      if (isInside && logit > 0) pixels[y * placement.width + x] = 1;
    }
  return pixels;
}
