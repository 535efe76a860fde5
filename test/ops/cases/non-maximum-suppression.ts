import fc from 'fast-check';
import type { OperatorAttributes } from '../../../src/operators';
import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type Attributes = OperatorAttributes['non-maximum-suppression'];

const suppress = (
  name: string,
  boxes: Tensor,
  scores: Tensor,
  more: Partial<Attributes> = {},
  classes?: Tensor<'int32'>,
): KernelCase<'non-maximum-suppression'> => ({
  name,
  op: 'non-maximum-suppression',
  attributes: {
    scoreLayout: 'class-first',
    boxFormat: 'corners',
    iouThreshold: 0.5,
    scoreThreshold: 0.3,
    maxPerClass: 100,
    firstClass: 0,
    ...more,
  },
  inputs: classes ? [boxes, scores, classes] : [boxes, scores],
});

/** Boxes around a few places; two of three overlap others. */
function crowd(batch: number, count: number, seed: number, center = false): Tensor<'float32'> {
  const random = new Random(seed);
  const data = new Float32Array(batch * count * 4);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [Math.floor(random.next() * 5), Math.floor(random.next() * 5)];
    const [dx, dy] = [random.next() * 0.4, random.next() * 0.4];
    const [width, height] = [0.4 + random.next() * 0.6, 0.4 + random.next() * 0.6];
    data.set(center ? [x + dx, y + dy, width, height] : [x + dx, y + dy, x + dx + width, y + dy + height], at);
  }
  return Tensor.float32([batch, count, 4], data);
}

const scores = (shape: readonly number[], seed = 1): Tensor<'float32'> => new Random(seed).tensor(shape, 0, 1);

/** Few distinct scores, so that the box index decides often. */
const tiedScores = (shape: readonly number[]): Tensor<'float32'> =>
  Tensor.float32(
    shape,
    scores(shape, 8).data.map((v) => Math.round(v * 6) / 8),
  );

const equalBoxes = (count: number): Tensor<'float32'> =>
  Tensor.float32(
    [1, count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => [0.25, 0.5, 0.75, 1][i % 4]),
  );

/** Scores above the threshold for the first `count` boxes of the first class, and for all boxes of the second. */
const manyAbove = (count: number, all: number): Tensor<'float32'> =>
  Tensor.float32(
    [1, 2, all],
    scores([1, 2, all], 5).data.map((v, i) => (i % all < count || i >= all ? 0.5 + v / 2 : v / 4)),
  );

/** Boxes of which none overlaps another. */
const apart = (count: number): Tensor<'float32'> =>
  Tensor.float32(
    [1, count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => (i >> 2) + (i % 4) / 4),
  );

/** Scores of many magnitudes, the highest infinite, and a third of them equal. */
const unevenScores = (count: number): Tensor<'float32'> =>
  Tensor.float32(
    [1, 1, count],
    scores([1, 1, count], 15).data.map((v, i) => (i === 700 ? Infinity : i % 3 === 0 ? 0.5 : v ** -9)),
  );

/** The class of each box. */
const classesOf = (batch: number, count: number, most: number): Tensor<'int32'> =>
  Tensor.int32(
    [batch, count],
    Array.from({ length: batch * count }, (_, i) => (i * 7919) % most),
  );

/** The intersection over union of every pair is a ratio of small integers, which the threshold meets exactly. */
const onTheLine = Tensor.float32([1, 4, 4], [0, 0, 10, 10, 0, 0, 10, 7, 0, 0, 7, 10, 0, 0, 10, 7.5]);

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minus } = Number;

/** Boxes on a grid of whole numbers, with equal scores among them. */
const anything = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  batch: fc.integer({ min: 1, max: 3 }),
  boxCount: fc.integer({ min: 1, max: 90 }),
  classes: fc.integer({ min: 1, max: 5 }),
  iouThreshold: fc.constantFrom(0, 0.2, 1 / 3, 0.5, 0.6, 0.7, 1),
  scoreThreshold: fc.constantFrom(-1, 0, 0.25, 0.4, 0.9, 2),
  maxPerClass: fc.constantFrom(1, 2, 7, 200),
  scoreLayout: fc.constantFrom('class-first' as const, 'box-first' as const),
  boxFormat: fc.constantFrom('corners' as const, 'center' as const),
});

export const cases: readonly KernelCase[] = [
  suppress('several classes of one image', crowd(1, 200, 1), scores([1, 5, 200])),
  suppress('a batch, scores by box, without the background class', crowd(3, 77, 2), scores([3, 77, 4]), {
    scoreLayout: 'box-first',
    firstClass: 1,
  }),
  suppress('centre and size', crowd(2, 60, 3, true), scores([2, 3, 60]), { boxFormat: 'center', iouThreshold: 0.2 }),
  suppress('corners in any order', new Random(4).tensor([1, 70, 4]), scores([1, 2, 70]), { iouThreshold: 0.25 }),
  suppress('a few of each class', crowd(2, 150, 5), scores([2, 3, 150]), { maxPerClass: 7 }),
  suppress('one box', crowd(1, 1, 6), scores([1, 3, 1])),
  suppress('nothing above the threshold', crowd(1, 20, 6), scores([1, 3, 20]), { scoreThreshold: 1 }),
  suppress('only the background class', crowd(1, 20, 6), scores([1, 1, 20]), { firstClass: 1 }),
  suppress('equal scores, the lower box first', crowd(1, 130, 7), tiedScores([1, 3, 130])),
  suppress('equal boxes with equal scores', equalBoxes(40), tiedScores([1, 2, 40])),
  ...[128, 129, 256, 257].map((count) =>
    suppress(`${count} candidates beside a class with all`, crowd(1, 300, 8), manyAbove(count, 300), {
      maxPerClass: 40,
    }),
  ),
  suppress('256 candidates of which none is left for a second batch', apart(300), manyAbove(256, 300)),
  suppress('more candidates than are sorted, with equal scores', crowd(2, 1500, 9), tiedScores([2, 2, 1500]), {
    scoreThreshold: 0.1,
    maxPerClass: 30,
  }),
  suppress('more equal boxes than are sorted', equalBoxes(1030), tiedScores([1, 1, 1030]), { scoreThreshold: -1 }),
  suppress('more boxes apart than are sorted, all kept', apart(2100), unevenScores(2100), { maxPerClass: 2500 }),
  suppress('more boxes apart than are sorted, most kept', apart(2100), unevenScores(2100), { maxPerClass: 1999 }),
  suppress('an overlap of exactly the threshold stays', onTheLine, Tensor.float32([1, 1, 4], [0.9, 0.8, 0.7, 0.6]), {
    iouThreshold: 0.7,
  }),
  suppress('an overlap of just above the threshold goes', onTheLine, Tensor.float32([1, 1, 4], [0.9, 0.8, 0.7, 0.6]), {
    iouThreshold: 0.6999,
  }),
  suppress('a score of exactly the threshold goes', crowd(1, 4, 10), Tensor.float32([1, 1, 4], [0.4, 0.5, 0.3, 0.4]), {
    scoreThreshold: 0.4,
  }),
  suppress(
    'scores of NaN and infinity, boxes without area',
    Tensor.float32([1, 6, 4], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 6, 5, 5, 5, 6, 6]),
    Tensor.float32([2, 6], [nan, inf, 1, 1, minus, 0.5, 0, -0, 0, nan, inf, inf]).reshape([1, 2, 6]),
    { scoreThreshold: -3.4e38 },
  ),
  suppress('one class a box, a batch', crowd(2, 200, 12), scores([2, 1, 200]), {}, classesOf(2, 200, 5)),
  suppress(
    'one class a box, scores by box, centre and size, a few of them',
    crowd(1, 90, 13, true),
    tiedScores([1, 90, 1]),
    { scoreLayout: 'box-first', boxFormat: 'center', maxPerClass: 9 },
    classesOf(1, 90, 3),
  ),
  suppress(
    'one class a box, more candidates than are sorted',
    crowd(2, 1200, 14),
    tiedScores([2, 1, 1200]),
    { scoreThreshold: 0.1, maxPerClass: 40 },
    classesOf(2, 1200, 4),
  ),
  {
    ...suppress("more classes and rows than one dimension's workgroups", crowd(3, 66, 11), scores([3, 3, 66])),
    workgroupLimit: 4,
  },
  ...fc.sample(anything, { numRuns: 12, seed: 3 }).map(({ seed, batch, boxCount, classes, ...attributes }) => {
    const boxes = Tensor.float32(
      [batch, boxCount, 4],
      new Random(seed).tensor([batch, boxCount, 4], 0, 6).data.map(Math.round),
    );
    const shape = attributes.scoreLayout === 'class-first' ? [batch, classes, boxCount] : [batch, boxCount, classes];
    return suppress(`at random with seed ${seed}`, boxes, tiedScores(shape), attributes);
  }),
];
