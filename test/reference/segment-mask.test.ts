import { describe, expect, it } from 'vitest';
import { type PictureSpec, placePicture } from '../../src/picture';
import { argmax } from '../../src/reference/argmax';
import { resize2d } from '../../src/reference/resize2d';
import { segmentMask } from '../../src/reference/segment-mask';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';

const spec: PictureSpec = { size: [8, 12], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };

describe('segmentMask', () => {
  it('is the largest of the logits resized to the picture, for a picture that was squashed', () => {
    const logits = new Random(3).tensor([1, 5, 4, 6]);
    for (const [height, width] of [
      [4, 6],
      [31, 17],
      [3, 2],
    ] as const) {
      const resized = resize2d(
        [logits],
        {
          mode: 'linear',
          coordinates: 'half-pixel',
          rounding: 'floor',
          size: [height, width],
          scale: [height / 4, width / 6],
          cubicA: -0.75,
        },
        [[1, 5, height, width]],
      );
      const most = { fn: 'argmax', axis: 1, keepDims: false, selectLast: false } as const;
      const classes = argmax([resized], most, [[1, height, width]]);
      const mask = segmentMask(logits, placePicture(width, height, spec));
      expect([...mask]).toEqual([...classes.data]);
    }
  });

  it('leaves the bars of a letterbox out', () => {
    // The picture is a square in the middle third; what the network says about the bars is another class.
    const columns = [2, 2, 0, 1, 2, 2];
    const logits = Tensor.float32(
      [1, 3, 1, 6],
      [0, 1, 2].flatMap((c) => columns.map((best) => Number(best === c))),
    );
    const placement = placePicture(4, 4, { ...spec, size: [4, 12], fit: 'letterbox' });
    expect(placement.target).toEqual({ x: 4, y: 0, width: 4, height: 4 });
    const mask = segmentMask(logits, placement);
    expect([...mask.subarray(0, 4)]).toEqual([0, 0, 1, 1]);
  });

  it('repeats the border of what was seen where a crop left the rest out', () => {
    const logits = Tensor.float32([1, 2, 1, 2], [1, 0, 0, 1]);
    const placement = placePicture(8, 2, { ...spec, size: [2, 2], fit: 'crop' });
    expect([...segmentMask(logits, placement).subarray(0, 8)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('takes the lowest class on ties', () => {
    const mask = segmentMask(Tensor.float32([1, 3, 1, 1], [0, 2, 2]), placePicture(1, 1, spec));
    expect([...mask]).toEqual([1]);
  });
});
