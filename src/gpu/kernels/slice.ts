import { keepLayout, type OperatorKernels } from '../kernel';
import { copying, copyTo } from './strided-copy';

/** Every so-many-th element from a start on, per axis: a strided copy whose steps may be negative. */
export const slice: OperatorKernels<'slice'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs: [y], device }) => {
    const { starts, steps } = node.attributes;
    const offset = starts.reduce((sum, start, axis) => sum + start * x.strides[axis], x.offset);
    const strides = x.strides.map((stride, axis) => stride * steps[axis]);
    return copying(copyTo(y, { tensor: x, offset, strides }, device));
  },
};
