import { text } from '../../../operators/checks';
import { sizeOf } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { binary, div, mul, scalar, unary } from './arithmetic';
import { ramp } from './indexing';

/** Losses, which networks that were exported with their training keep. */

/**
 * The negative logarithm of the probability of each target, weighed by the target's class.
 *
 * @param logs logarithms of probabilities, `[N, C, …]`
 * @param target classes, `[N, …]`
 */
function negativeLogLikelihood(node: NodeContext, logs: Value, target: Value, weight: Value | undefined): Value {
  const [batch, classes, ...spatial] = logs.shape;
  if (target.shape.join() !== [batch, ...spatial].join()) {
    node.malformed(`targets ${text(target.shape)} do not fit ${text(logs.shape)}`);
  }
  const reduction = node.choice('reduction', 'mean', { none: 'none', sum: 'sum', mean: 'mean' } as const);
  const size = sizeOf(spatial);
  const flat = node.reshape(target, [batch, 1, size]);
  const isTarget = binary(node, 'equal', ramp(node, classes, 1, 1, 3, target), flat);
  const counts = node.has('ignore_index')
    ? unary(node, 'not', binary(node, 'equal', flat, scalar(node, node.int('ignore_index', 0), flat)))
    : undefined;
  const isCounted = counts ? binary(node, 'and', isTarget, counts) : isTarget;
  const zero = scalar(node, 0, logs);
  /** The target's entry of numbers per class, 0 where the target does not count. */
  const ofTarget = (numbers: Value): Value => {
    const chosen = node.emit('where', [isCounted, numbers, zero], {});
    return node.reshape(node.emit('reduce', [chosen], { fn: 'sum', axes: [1], keepDims: false }), target.shape);
  };
  const losses = unary(node, 'neg', ofTarget(node.reshape(logs, [batch, classes, size])));
  const isWeighed = weight !== undefined || counts !== undefined;
  const weights = isWeighed
    ? ofTarget(node.reshape(node.expand(weight ?? scalar(node, 1, logs), [classes]), [1, classes, 1]))
    : undefined;
  const weighed = weight && weights ? mul(node, losses, weights) : losses;
  if (reduction === 'none') return weighed;
  const over = (fn: 'sum' | 'mean', x: Value): Value =>
    node.emit('reduce', [x], { fn, axes: x.shape.map((_, axis) => axis), keepDims: false });
  if (reduction === 'sum' || !weights) return over(reduction, weighed);
  return div(node, over('sum', weighed), over('sum', weights));
}

function softmaxCrossEntropy(node: NodeContext): readonly Value[] {
  const logs = node.emit('softmax', [node.input(0)], { axis: 1, log: true });
  return [negativeLogLikelihood(node, logs, node.input(1), node.optional(2)), logs];
}

export const losses: Readonly<Record<string, OperatorImporter>> = {
  NegativeLogLikelihoodLoss: (node) => negativeLogLikelihood(node, node.input(0), node.input(1), node.optional(2)),
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
