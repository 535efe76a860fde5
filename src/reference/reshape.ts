import type { Reference } from './reference';

/** The same elements in the same order under another shape. */
export const reshape: Reference<'reshape'> = ([x], { shape }) => {
  return x.reshape(shape);
};
