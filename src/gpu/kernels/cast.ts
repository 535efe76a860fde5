import wgsl from '../../../shaders/cast.wgsl?raw';
import toFloatWgsl from '../../../shaders/cast-to-float.wgsl?raw';
import { candidate, elementStorage, keepLayout, type OperatorKernels } from '../kernel';
import { defineShader } from '../shader';
import { copying, copyTo, wholeOf } from './strided-copy';
import { vectorWalk } from './vector-walk';

const toInteger = defineShader('cast', wgsl);
const toFloat = defineShader('cast-to-float', toFloatWgsl);

/** Another type, in whichever layout the input has; a plain copy where the numbers stay what they are. */
export const cast: OperatorKernels<'cast'> = {
  layouts: keepLayout,
  candidates: ({ inputs: [x], outputs: [y], device }) => {
    if (x.dtype === y.dtype || (x.dtype === 'bool' && y.dtype === 'int32')) {
      return copying(copyTo(y, wholeOf(x), device));
    }
    const walk = { ...vectorWalk(x, y, device, true), bind: { x, y } };
    // The aliases name the storage of the side that may be float.
    if (y.dtype === 'float32') return [candidate(toFloat, { ...walk, storage: 'float' })];
    const constants = { ...walk.constants, TO_BOOL: y.dtype === 'bool' };
    return [candidate(toInteger, { ...walk, constants, storage: elementStorage(x) })];
  },
};
