import { broadcastShapes, sameShape, sizeOf } from '../tensor';
import type { UnaryFunction } from './operators';
import {
  check,
  checkAxis,
  checkEpilogue,
  checkPositive,
  checkRank,
  checkVector,
  float,
  type RuleTable,
  text,
  windowShape,
} from './shape-checks';

const COMPARISONS = new Set(['equal', 'less', 'less-or-equal', 'greater', 'greater-or-equal', 'and', 'or', 'xor']);

const INTEGER_UNARY = new Set<UnaryFunction>(['identity', 'relu', 'relu6', 'clip', 'abs', 'neg', 'sign']);

/** What classifiers, SSD-style detectors and U-Nets are made of. */
export const basicRules = {
  conv2d: (inputs, a) => {
    const [x, weight] = inputs.map((i) => i.shape);
    checkRank(x, 4, 'input');
    checkRank(weight, 4, 'weight');
    checkPositive([a.groups], 'groups');
    check(
      x[1] === weight[1] * a.groups,
      `input channels ${x[1]} must match weight channels ${weight[1]} × groups ${a.groups}`,
    );
    check(weight[0] % a.groups === 0, `output channels ${weight[0]} must be a multiple of groups ${a.groups}`);
    const shape = windowShape(x, weight[0], [weight[2], weight[3]], { ...a, ceilMode: false });
    checkEpilogue(inputs, shape, weight[0], a, true);
    return [float(shape)];
  },
  dense: (inputs, a) => {
    const [x, weight] = inputs.map((i) => i.shape);
    check(x.length >= 1, `input must have rank 1 or more`);
    checkRank(weight, 2, 'weight');
    check(x.at(-1) === weight[1], `input features ${x.at(-1)} must match weight features ${weight[1]}`);
    const shape = [...x.slice(0, -1), weight[0]];
    checkEpilogue(inputs, shape, weight[0], a);
    return [float(shape)];
  },
  'max-pool2d': ([x], a) => {
    checkRank(x.shape, 4, 'input');
    return [float(windowShape(x.shape, x.shape[1], a.kernel, a))];
  },
  'global-pool2d': ([x]) => {
    checkRank(x.shape, 4, 'input');
    return [float([x.shape[0], x.shape[1], 1, 1])];
  },
  resize2d: ([x], a) => {
    checkRank(x.shape, 4, 'input');
    checkPositive(a.size, 'size');
    check(
      a.scale.every((s) => s > 0),
      `scale must be positive, got ${text(a.scale)}`,
    );
    check(x.shape[2] > 0 && x.shape[3] > 0, `a picture of shape ${text(x.shape)} has no pixels to resize`);
    return [float([x.shape[0], x.shape[1], ...a.size])];
  },
  unary: ([x], { fn }) => {
    const takes = {
      float32: true,
      int32: INTEGER_UNARY.has(fn),
      bool: fn === 'not' || fn === 'identity',
    };
    check(takes[x.dtype], `${fn} does not take ${x.dtype}`);
    return [x];
  },
  binary: ([a, b], { fn }) => {
    check(a.dtype === b.dtype, `both inputs must have one type, got ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcastShapes(a.shape, b.shape), dtype: COMPARISONS.has(fn) ? 'bool' : a.dtype }];
  },
  softmax: ([x], a) => {
    checkAxis(a.axis, x.shape.length);
    return [x];
  },
  'batch-norm': ([x, ...vectors]) => {
    check(x.shape.length >= 2, `input must have rank 2 or more, got ${text(x.shape)}`);
    for (const [i, v] of vectors.entries()) checkVector(v, x.shape[1], ['scale', 'bias', 'mean', 'variance'][i]);
    return [x];
  },
  concat: (inputs, { axis }) => {
    const first = inputs[0];
    checkAxis(axis, first.shape.length);
    for (const other of inputs) {
      check(other.dtype === first.dtype, `inputs must have one type, got ${first.dtype} and ${other.dtype}`);
      check(
        other.shape.length === first.shape.length && sameShape(other.shape.with(axis, 0), first.shape.with(axis, 0)),
        `inputs ${inputs.map((i) => text(i.shape)).join(' ')} differ outside axis ${axis}`,
      );
    }
    return [
      {
        shape: first.shape.with(
          axis,
          inputs.reduce((sum, i) => sum + i.shape[axis], 0),
        ),
        dtype: first.dtype,
      },
    ];
  },
  transpose: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    check(
      sorted.length === x.shape.length && sorted.every((axis, i) => axis === i),
      `${text(permutation)} is not a permutation of the axes of ${text(x.shape)}`,
    );
    return [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }];
  },
  reshape: ([x], { shape }) => {
    check(sizeOf(shape) === sizeOf(x.shape), `cannot reshape ${text(x.shape)} to ${text(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
  'ssd-decode': ([offsets, boxes]) => {
    checkRank(offsets.shape, 3, 'offsets');
    checkVector({ shape: [offsets.shape[2]], dtype: 'float32' }, 4, 'a box');
    check(
      sameShape(boxes.shape, offsets.shape.slice(1)),
      `default boxes ${text(boxes.shape)} must match offsets ${text(offsets.shape)}`,
    );
    return [offsets];
  },
  'non-maximum-suppression': ([boxes, scores], a) => {
    checkRank(boxes.shape, 3, 'boxes');
    checkRank(scores.shape, 3, 'scores');
    const [n, b] = boxes.shape;
    const [classes, count] =
      a.scoreLayout === 'class-first' ? scores.shape.slice(1) : [scores.shape[2], scores.shape[1]];
    check(boxes.shape[2] === 4, `boxes must have 4 coordinates, got ${text(boxes.shape)}`);
    check(scores.shape[0] === n && count === b, `scores ${text(scores.shape)} must match boxes ${text(boxes.shape)}`);
    const rows = n * (classes - a.firstClass) * Math.min(a.maxPerClass, b);
    return [{ shape: [rows, 3], dtype: 'int32' }, float([rows, 6]), { shape: [1], dtype: 'int32' }];
  },
} as const satisfies RuleTable;
