import type { OperatorAttributes } from '../operators';
import type { Tensor } from '../tensor';
import { slice } from './slice';

/** Cuts a tensor along one axis into parts of the given sizes. */
export function split(x: Tensor, { axis, sizes }: OperatorAttributes['split']): Tensor[] {
  const steps = x.shape.map(() => 1);
  let start = 0;
  return sizes.map((size) => {
    const starts = x.shape.map(() => 0).with(axis, start);
    start += size;
    return slice(x, { starts, steps, sizes: x.shape.with(axis, size) });
  });
}
