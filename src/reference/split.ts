import type { Tensor } from '../tensor';
import type { Reference } from './reference';
import { slice } from './slice';

/** Cuts a tensor along one axis into parts of the given sizes. */
export const split: Reference<'split', Tensor[]> = ([x], { axis, sizes }) => {
  const steps = x.shape.map(() => 1);
  let start = 0;
  return sizes.map((size) => {
    const starts = x.shape.map(() => 0).with(axis, start);
    start += size;
    return slice([x], { starts, steps, sizes: x.shape.with(axis, size) }, []);
  });
};
