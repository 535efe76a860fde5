import { keepLayout, type OperatorKernels } from '../kernel';
import { copying, copyTo } from './strided-copy';

/** Parts of a tensor along one axis: views where the parts are aligned, strided copies of the others. */
export const split: OperatorKernels<'split'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs, device }) => {
    const { axis, sizes } = node.attributes;
    let start = 0;
    const dispatches = outputs.flatMap((y, i) => {
      const from = { tensor: x, offset: x.offset + start * x.strides[axis], strides: x.strides };
      start += sizes[i];
      return copyTo(y, from, device);
    });
    return copying(dispatches);
  },
};
