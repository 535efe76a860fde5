import { sizeOf } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, binary, div, mul, ones, scalar, sub, unary, zeros } from './arithmetic';

/** Up to opset 13 the number of outputs says whether it trains, with `is_test` before opset 7. */
function batchNorm(node: NodeContext): readonly Value[] {
  const isTraining =
    node.opset < 7 ? !node.flag('is_test') : node.opset < 14 ? node.outputCount > 1 : node.flag('training_mode');
  if (isTraining) return trainedBatchNorm(node);
  // Up to opset 8 it could also keep statistics per pixel.
  if (!node.flag('spatial', true)) node.unsupported('its statistics are per pixel (spatial = 0)');
  const vectors = [1, 2, 3, 4].map((i) => node.weight(node.input(i)));
  return [node.emit('batch-norm', [node.input(0), ...vectors], { epsilon: node.float('epsilon', 1e-5) })];
}

/**
 * In training mode the statistics are those of the batch itself; exporters write weight standardisation so. The other
 * outputs are running statistics, and up to opset 13 the batch's own behind them.
 */
function trainedBatchNorm(node: NodeContext): readonly Value[] {
  const [x, scale, bias, runningMean, runningVariance] = [0, 1, 2, 3, 4].map((i) => node.input(i));
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const { mean, centred, variance } = moments(node, x, axes);
  const perChannel = (v: Value): Value => node.reshape(v, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  const deviation = unary(node, 'sqrt', add(node, variance, node.float('epsilon', 1e-5)));
  const y = add(node, mul(node, div(node, centred, deviation), perChannel(scale)), perChannel(bias));
  if (![1, 2, 3, 4].some((i) => node.wants(i))) return [y];
  const momentum = node.float('momentum', 0.9);
  const own = [mean, variance].map((v) => node.reshape(v, [x.shape[1]]));
  const running = [runningMean, runningVariance].map((v, i) =>
    add(node, mul(node, v, momentum), mul(node, own[i], 1 - momentum)),
  );
  return [y, ...running, ...(node.opset < 14 ? own : [])];
}

function instanceNorm(node: NodeContext): Value {
  const inputs = [node.input(0), node.weight(node.input(1)), node.weight(node.input(2))];
  return node.emit('instance-norm', inputs, { epsilon: node.float('epsilon', 1e-5) });
}

/** Instance normalisation of groups of channels, then scale and bias per channel. Wu and He 2018. */
function groupNorm(node: NodeContext): Value {
  const x = node.input(0);
  const [batch, channels, ...spatial] = x.shape;
  const groups = node.int('num_groups', 0);
  if (groups < 1 || channels % groups !== 0) node.malformed(`num_groups is ${groups}, with ${channels} channels`);
  const size = channels / groups;
  const grouped = node.reshape(x, [batch, groups, size * sizeOf(spatial)]);
  const epsilon = node.float('epsilon', 1e-5);
  const normalised = node.emit('instance-norm', [grouped, ones(node, [groups]), zeros(node, [groups])], { epsilon });
  // Up to opset 20 scale and bias have one entry per group.
  const perChannel = (v: Value): Value => {
    const isPerGroup = node.opset < 21 && v.shape[0] === groups;
    const all = isPerGroup ? node.expand(node.reshape(v, [groups, 1]), [groups, size]) : v;
    return node.reshape(all, [channels, ...spatial.map(() => 1)]);
  };
  const scaled = mul(node, node.reshape(normalised, x.shape), perChannel(node.weight(node.input(1))));
  return add(node, scaled, perChannel(node.weight(node.input(2))));
}

const layerNorm: OperatorImporter = (node) => normalisedLayers(node, node.input(0), node.input(1), node.optional(2));

/** Layer normalisation with the outputs of `LayerNormalization`: result, mean, reciprocal deviation. */
export function normalisedLayers(
  node: NodeContext,
  x: Value,
  scale: Value,
  bias: Value | undefined,
  epsilon = node.float('epsilon', 1e-5),
): readonly Value[] {
  const axis = node.axis(node.int('axis', -1), x.shape.length);
  const normalised = x.shape.slice(axis);
  const fitted = (v: Value): Value => node.expand(node.weight(v), normalised);
  const inputs = [x, fitted(scale), bias ? fitted(bias) : zeros(node, normalised)];
  const y = node.emit('layer-norm', inputs, { axis, epsilon });
  if (!node.wants(1) && !node.wants(2)) return [y];
  const axes = x.shape.flatMap((_, i) => (i >= axis ? [i] : []));
  const { mean, variance } = moments(node, x, axes);
  return [y, mean, unary(node, 'reciprocal', unary(node, 'sqrt', add(node, variance, epsilon)))];
}

function average(node: NodeContext, x: Value, axes: readonly number[]): Value {
  return node.emit('reduce', [x], { fn: 'mean', axes, keepDims: true });
}

function moments(node: NodeContext, x: Value, axes: readonly number[]) {
  const mean = average(node, x, axes);
  const centred = sub(node, x, mean);
  return { mean, centred, variance: average(node, mul(node, centred, centred), axes) };
}

/** `x / √(mean(x²) + ε) · scale`. Zhang and Sennrich 2019. */
const rmsNorm: OperatorImporter = (node) => rootMeanSquareNorm(node, node.input(0), node.input(1));

export function rootMeanSquareNorm(
  node: NodeContext,
  x: Value,
  scale: Value,
  epsilon = node.float('epsilon', 1e-5),
): Value {
  const axis = node.axis(node.int('axis', -1), x.shape.length);
  const axes = x.shape.flatMap((_, i) => (i >= axis ? [i] : []));
  const mean = average(node, mul(node, x, x), axes);
  const root = unary(node, 'sqrt', add(node, mean, epsilon));
  return mul(node, div(node, x, root), node.weight(scale));
}

/** ONNX adds 1e-9 to the deviation, which matters where it is 0 alone: there the result is 0. */
function meanVarianceNorm(node: NodeContext): Value {
  const x = node.input(0);
  const axes = node.axes(node.ints('axes') ?? [0, 2, 3], x.shape.length);
  // The mean of numbers far from zero is rounded; the mean of what is left corrects it.
  const { centred, variance } = moments(node, moments(node, x, axes).centred, axes);
  const deviation = unary(node, 'sqrt', variance);
  const isFlat = binary(node, 'equal', deviation, scalar(node, 0, deviation));
  return div(node, centred, node.emit('where', [isFlat, scalar(node, 1, deviation), deviation], {}));
}

function lpNorm(node: NodeContext): Value {
  const x = node.input(0);
  const p = node.int('p', 2);
  if (p !== 1 && p !== 2) node.malformed(`p is ${p}, expected 1 or 2`);
  const axes = [node.axis(node.int('axis', -1), x.shape.length)];
  const norm = node.emit('reduce', [x], { fn: p === 1 ? 'l1' : 'l2', axes, keepDims: true });
  // A vector of zeros stays zero.
  const zero = sub(node, x, x);
  return node.emit('where', [binary(node, 'greater', norm, sub(node, norm, norm)), div(node, x, norm), zero], {});
}

/** Before opset 13 all axes from `axis` on were normalised together, and `axis` was 1 by default. */
const softmax =
  (log: boolean): OperatorImporter =>
  (node) => {
    const x = node.input(0);
    const rank = x.shape.length;
    const axis = node.axis(node.int('axis', node.opset < 13 ? 1 : -1), rank);
    if (node.opset >= 13 || axis === rank - 1) return node.emit('softmax', [x], { axis, log });
    const flat = node.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    return node.reshape(node.emit('softmax', [flat], { axis: 1, log }), x.shape);
  };

export const normalizations: Readonly<Record<string, OperatorImporter>> = {
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm,
  // ONNX Runtime's optimiser writes it under this name.
  SimplifiedLayerNormalization: rmsNorm,
  MeanVarianceNormalization: meanVarianceNorm,
  LpNormalization: lpNorm,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
