import wgsl from '../../../shaders/reduce.wgsl?raw';
import int32Wgsl from '../../../shaders/reduce-int32.wgsl?raw';
import { REDUCE_FUNCTIONS, type ReduceFunction } from '../../operators/reduce';
import { linearGrid } from '../grid';
import { candidate, type KernelContext, type OperatorKernels } from '../kernel';
import { offsets, type TensorDesc } from '../layout';
import { defineShader } from '../shader';
import { asVectors, fuseAxes, keptAxes, rowsOf, sharings } from './rows';

const floats = defineShader('reduce', wgsl);
const integers = defineShader('reduce-int32', int32Wgsl);

/** The result of reducing no values, where it is not 0. Integers have neither NaN nor infinity: they give 0 instead. */
const EMPTY: { readonly [F in ReduceFunction]?: number } = {
  mean: Number.NaN,
  max: -Infinity,
  'log-sum-exp': -Infinity,
  min: Infinity,
  prod: 1,
};

/** Reduction over any axes. A picture stays one, in nhwc4, when its axes are kept. */
export const reduce: OperatorKernels<'reduce'> = {
  layouts: ({ attributes: { keepDims } }, _graph, [have]) => ({
    inputs: [have],
    outputs: [have === 'nhwc4' && keepDims ? 'nhwc4' : 'linear'],
  }),
  candidates: (context) => {
    const { node, inputs, outputs, device } = context;
    const { fn } = node.attributes;
    const { [fn]: empty = 0 } = EMPTY;
    const FUNCTION = REDUCE_FUNCTIONS.indexOf(fn);
    const walk = walkOf(context);
    if (!walk) return [];
    const bind = { x: inputs[0], y: outputs[0] };
    if (inputs[0].dtype !== 'float32') {
      const params = { ...walk, empty: Number.isFinite(empty) ? empty : 0 };
      return [candidate(integers, { grid: linearGrid(walk.count, device), constants: { FUNCTION }, bind, params })];
    }
    const constants = { FUNCTION, FLAT: walk.inner.slice(0, 3).every((extent) => extent === 1) };
    const params = { ...walk, empty };
    return sharings(walk.length, walk.count, walk.inner_steps[3], device).map(({ grid, setting }) =>
      candidate(floats, { grid, constants, bind, params }, setting),
    );
  },
};

/** Which values make which: the common parameters of both shaders. */
function walkOf({ node, inputs: [x], outputs: [y] }: KernelContext<'reduce'>) {
  const { axes, keepDims } = node.attributes;
  const reduced = axes.map((axis) => ({ extent: x.shape[axis], x: x.strides[axis], y: 0 })).sort((a, b) => b.x - a.x);
  const inner = asVectors(fuseAxes(reduced));
  const rows = y.layout === 'nhwc4' ? rowsOfLanes(x, y, axes) : rowsOf(keptAxes(x, y, axes, targetAxis));
  if (!inner || !rows) return undefined;
  return {
    ...rows,
    inner: inner.extents,
    inner_steps: inner.x,
    ...offsets({ x, y }),
    length: reduced.reduce((product, { extent }) => product * extent, 1),
  };

  function targetAxis(axis: number): number {
    return keepDims ? axis : axis - axes.filter((reducedAxis) => reducedAxis < axis).length;
  }
}

/** nhwc4 to nhwc4: every lane of y is a row. Where the channels were reduced, the first lane is the only one. */
function rowsOfLanes(x: TensorDesc, y: TensorDesc, axes: readonly number[]) {
  const kept = keptAxes(x, y, [...axes, 1], (axis) => axis);
  return rowsOf(kept, { extent: y.shape[1], x: axes.includes(1) ? 0 : 1, y: 1 });
}
