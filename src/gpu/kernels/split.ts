import { keepLayout, type OperatorKernels } from '../kernel';
import { copyAll, copying, paddedChannels, wholeOf } from './strided-copy';

/** Parts of a tensor along one axis: views where the parts are aligned, strided copies of the others. */
export const split: OperatorKernels<'split'> = {
  layouts: keepLayout,
  candidates: ({ node, inputs: [x], outputs, device }) => {
    const { axis, sizes } = node.attributes;
    let start = 0;
    const copies = outputs.map((y, i) => {
      const from = { tensor: x, offset: x.offset + start * x.strides[axis], strides: x.strides };
      start += sizes[i];
      return { shape: y.shape, x: from, y: wholeOf(y), padded: paddedChannels(y) };
    });
    return copying(copyAll(copies, device));
  },
};
