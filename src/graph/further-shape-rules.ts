import { broadcastShapes, sameShape } from '../tensor';
import {
  check,
  checkAxis,
  checkEpilogue,
  checkNotNegative,
  checkPositive,
  checkRank,
  checkVector,
  float,
  type RuleTable,
  text,
  windowShape,
} from './shape-checks';

/** The operators that other networks may have beside the basic ones. */
export const furtherRules = {
  'conv-transpose2d': (inputs, a) => {
    const [x, weight] = inputs.map((i) => i.shape);
    checkRank(x, 4, 'input');
    checkRank(weight, 4, 'weight');
    checkPositive(a.stride, 'stride');
    checkPositive(a.dilation, 'dilation');
    checkNotNegative(a.padding, 'padding');
    checkNotNegative(a.outputPadding, 'output padding');
    checkPositive([a.groups], 'groups');
    check(x[1] === weight[0], `input channels ${x[1]} must match weight channels ${weight[0]}`);
    check(x[1] % a.groups === 0, `input channels ${x[1]} must be a multiple of groups ${a.groups}`);
    const [top, left, bottom, right] = a.padding;
    const length = (i: 0 | 1, padding: number): number =>
      (x[2 + i] - 1) * a.stride[i] + a.dilation[i] * (weight[2 + i] - 1) + 1 - padding + a.outputPadding[i];
    const shape = [x[0], weight[1] * a.groups, length(0, top + bottom), length(1, left + right)];
    checkPositive(shape.slice(2), 'output size');
    checkEpilogue(inputs, shape, shape[1], a);
    return [float(shape)];
  },
  'upsample-conv2d': ([low, weight, bias, skip], { activation }) => {
    checkRank(low.shape, 4, 'input');
    checkRank(weight.shape, 4, 'weight');
    const [batch, channels, height, width] = low.shape;
    const [outChannels, weightChannels, ...kernel] = weight.shape;
    const large = [2 * height, 2 * width];
    check(
      kernel.every((taps) => taps % 2 === 1),
      `kernel must be odd, got ${text(kernel)}`,
    );
    if (skip) {
      const expected = [batch, weightChannels - channels, ...large];
      check(sameShape(skip.shape, expected), `skip ${text(skip.shape)} must be ${text(expected)}`);
    } else {
      check(channels === weightChannels, `input channels ${channels} must match weight channels ${weightChannels}`);
    }
    const shape = [batch, outChannels, ...large];
    checkEpilogue([low, weight, bias], shape, outChannels, { activation, residual: 'none' });
    return [float(shape)];
  },
  matmul: ([a, b]) => {
    check(
      a.shape.length >= 2 && b.shape.length >= 2,
      `matrices must have rank 2 or more, got ${text(a.shape)} and ${text(b.shape)}`,
    );
    const [m, k] = a.shape.slice(-2);
    const [kb, n] = b.shape.slice(-2);
    check(k === kb, `inner dimensions must match, got ${text(a.shape)} and ${text(b.shape)}`);
    return [float([...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n])];
  },
  'average-pool2d': ([x], a) => {
    checkRank(x.shape, 4, 'input');
    return [float(windowShape(x.shape, x.shape[1], a.kernel, a))];
  },
  where: ([condition, a, b]) => {
    check(condition.dtype !== 'float32', 'the condition must be bool or int32, got float32');
    check(a.dtype === b.dtype, `both branches must have one type, got ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape)), dtype: a.dtype }];
  },
  argmax: ([x], a) => {
    checkAxis(a.axis, x.shape.length);
    check(x.shape[a.axis] > 0, `axis ${a.axis} of ${text(x.shape)} is empty`);
    const shape = a.keepDims ? x.shape.with(a.axis, 1) : x.shape.filter((_, i) => i !== a.axis);
    return [{ shape, dtype: 'int32' }];
  },
  reduce: ([x], a) => {
    for (const axis of a.axes) checkAxis(axis, x.shape.length);
    check(new Set(a.axes).size === a.axes.length, `axes ${text(a.axes)} repeat`);
    const shape = a.keepDims
      ? x.shape.map((d, i) => (a.axes.includes(i) ? 1 : d))
      : x.shape.filter((_, i) => !a.axes.includes(i));
    return [{ shape, dtype: x.dtype }];
  },
  'instance-norm': ([x, scale, bias]) => {
    check(x.shape.length >= 3, `input must have rank 3 or more, got ${text(x.shape)}`);
    checkVector(scale, x.shape[1], 'scale');
    checkVector(bias, x.shape[1], 'bias');
    return [x];
  },
  'layer-norm': ([x, scale, bias], a) => {
    checkAxis(a.axis, x.shape.length);
    for (const v of [scale, bias]) {
      const normalised = x.shape.slice(a.axis);
      check(sameShape(v.shape, normalised), `scale and bias must have shape ${text(normalised)}, got ${text(v.shape)}`);
    }
    return [x];
  },
  split: ([x], a) => {
    checkAxis(a.axis, x.shape.length);
    const total = a.sizes.reduce((sum, size) => sum + size, 0);
    check(total === x.shape[a.axis], `sizes ${text(a.sizes)} must add up to ${x.shape[a.axis]}`);
    return a.sizes.map((size) => ({ shape: x.shape.with(a.axis, size), dtype: x.dtype }));
  },
  slice: ([x], a) => {
    for (const list of [a.starts, a.steps, a.sizes]) {
      check(list.length === x.shape.length, `slice needs one entry per axis of ${text(x.shape)}, got ${text(list)}`);
    }
    for (const [axis, size] of a.sizes.entries()) {
      const last = a.starts[axis] + (size - 1) * a.steps[axis];
      const inside = (i: number): boolean => Number.isInteger(i) && i >= 0 && i < x.shape[axis];
      check(a.steps[axis] !== 0, 'slice step must not be 0');
      check(size === 0 || (inside(a.starts[axis]) && inside(last)), `slice leaves axis ${axis} of ${text(x.shape)}`);
    }
    return [{ shape: a.sizes, dtype: x.dtype }];
  },
  pad: ([x], a) => {
    for (const list of [a.before, a.after]) {
      check(list.length === x.shape.length, `pad needs one entry per axis of ${text(x.shape)}, got ${text(list)}`);
    }
    const shape = x.shape.map((d, i) => d + a.before[i] + a.after[i]);
    check(
      shape.every((d) => d >= 0),
      `pad crops ${text(x.shape)} below zero`,
    );
    if (a.mode !== 'constant') {
      const filled = x.shape.every((d, i) => d > 0 || shape[i] === 0);
      check(filled, `${a.mode} padding has nothing to repeat along an empty axis of ${text(x.shape)}`);
    }
    if (a.mode === 'reflect') {
      const fits = x.shape.every((d, i) => Math.max(a.before[i], a.after[i]) < Math.max(d, 1));
      check(fits, `reflect padding ${text(a.before)} ${text(a.after)} must be smaller than ${text(x.shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  expand: ([x], { shape }) => {
    check(sameShape(broadcastShapes(x.shape, shape), shape), `cannot expand ${text(x.shape)} to ${text(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
  tile: ([x], { repeats }) => {
    check(repeats.length === x.shape.length, `tile needs one entry per axis of ${text(x.shape)}, got ${text(repeats)}`);
    return [{ shape: x.shape.map((d, i) => d * repeats[i]), dtype: x.dtype }];
  },
  gather: ([x, indices], { axis }) => {
    checkAxis(axis, x.shape.length);
    check(indices.dtype === 'int32', `indices must be int32, got ${indices.dtype}`);
    return [{ shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype }];
  },
  'depth-to-space': ([x], { blockSize }) => {
    checkRank(x.shape, 4, 'input');
    const [n, c, h, w] = x.shape;
    checkPositive([blockSize], 'block size');
    check(c % blockSize ** 2 === 0, `channels ${c} must be a multiple of block size² ${blockSize ** 2}`);
    return [{ shape: [n, c / blockSize ** 2, h * blockSize, w * blockSize], dtype: x.dtype }];
  },
  'space-to-depth': ([x], { blockSize }) => {
    checkRank(x.shape, 4, 'input');
    const [n, c, h, w] = x.shape;
    checkPositive([blockSize], 'block size');
    check(
      h % blockSize === 0 && w % blockSize === 0,
      `height ${h} and width ${w} must be multiples of block size ${blockSize}`,
    );
    return [{ shape: [n, c * blockSize ** 2, h / blockSize, w / blockSize], dtype: x.dtype }];
  },
  cast: ([x], { to }) => [{ shape: x.shape, dtype: to }],
} as const satisfies RuleTable;
