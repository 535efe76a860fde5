import { ArgumentError } from '../errors';
import { type Answers, answerEach, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/**
 * Describes a picture by a vector, so that pictures can be compared.
 *
 * ```ts
 * const embedder = await ImageEmbedder.load(engine, 'dinov2-small.onnx');
 * const [one, other] = await embedder.embed([picture, another]);
 * console.log(similarity(one, other));
 * ```
 */
export class ImageEmbedder extends VisionTask<Float32Array> {
  static readonly task: Task<Float32Array> = {
    name: 'embed',
    outputs: { embedding: { shape: '[1, D]', fits: ({ 0: batch, length }) => length === 2 && batch === 1 } },
    result: ({ outputs }) => outputs.get('embedding')!.data as Float32Array,
  };

  /** A vector of length 1 that describes a picture, or each of several. @throws ArgumentError, DeviceLostError, DisposedError */
  async embed<P extends Pictures>(picture: P): Promise<Answers<P, Float32Array>> {
    return answerEach(picture, (one) => this.answer(one));
  }
}

/** How alike two vectors are, -1..1: the cosine of the angle between them. @throws ArgumentError when they are not of one length */
export function similarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new ArgumentError(`vectors of one length can be compared, got ${a.length} and ${b.length}`);
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squaresA += a[i] ** 2;
    squaresB += b[i] ** 2;
  }
  return product === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}
