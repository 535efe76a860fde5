import type { OperatorAttributes } from '../../../operators';
import type { ReduceFunction } from '../../../operators/reduce';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL, INT32, INT64 } from '../types';
import { cast, mul, unary } from './arithmetic';

/**
 * @param axesInputSince the opset from which the axes are an input instead of an attribute
 * @param untouched what an element becomes when no axis is reduced; by default itself
 */
const reduction =
  (
    fn: ReduceFunction,
    axesInputSince = 18,
    untouched: (node: NodeContext, x: Value) => Value = (_, x) => x,
    finish: (node: NodeContext, x: Value) => Value = (_, x) => x,
  ): OperatorImporter =>
  (node) => {
    const x = node.input(0);
    const rank = x.shape.length;
    const given = node.integersSince(axesInputSince, 1, 'axes');
    const [keepDims, isNoop] = [node.flag('keepdims', true), node.flag('noop_with_empty_axes')];
    if (!given?.length && isNoop) return finish(node, untouched(node, x));
    const axes = given?.length ? node.axes(given, rank) : x.shape.map((_, axis) => axis);
    const numbers = x.type === BOOL ? cast(node, x, INT32) : x;
    return finish(node, cast(node, node.emit('reduce', [numbers], { fn, axes, keepDims }), x.type));
  };

const magnitude = (node: NodeContext, x: Value): Value => unary(node, 'abs', x);
const square = (node: NodeContext, x: Value): Value => mul(node, x, x);
const logarithm = (node: NodeContext, x: Value): Value => unary(node, 'log', x);

const argument =
  (fn: OperatorAttributes['argmax']['fn']): OperatorImporter =>
  (node) => {
    const x = node.input(0);
    return node.emit('argmax', [x], {
      fn,
      axis: node.axis(node.int('axis', 0), x.shape.length),
      keepDims: node.flag('keepdims', true),
      selectLast: node.flag('select_last_index'),
    });
  };

/** k is an attribute up to opset 9. Where any order will do (`sorted` is 0), this one does. */
function topK(node: NodeContext): Value[] {
  const x = node.input(0);
  const k = node.opset < 10 ? node.int('k', 0) : node.number(node.input(1), 'k');
  const axis = node.axis(node.int('axis', -1), x.shape.length);
  const [values, indices] = node.emitAll('top-k', [x], { k, axis, largest: node.flag('largest', true) });
  return [values, { ...indices, type: INT64 }];
}

export const reductions: Readonly<Record<string, OperatorImporter>> = {
  ReduceMean: reduction('mean'),
  ReduceSum: reduction('sum', 13),
  ReduceMax: reduction('max'),
  ReduceMin: reduction('min'),
  ReduceProd: reduction('prod'),
  ReduceSumSquare: reduction('sum-square', 18, square),
  ReduceL1: reduction('l1', 18, magnitude),
  ReduceL2: reduction('l2', 18, magnitude),
  ReduceLogSumExp: reduction('log-sum-exp'),
  ReduceLogSum: reduction('sum', 18, undefined, logarithm),
  ArgMax: argument('argmax'),
  ArgMin: argument('argmin'),
  TopK: topK,
};
