import wgsl from '../../../shaders/cast.wgsl?raw';
import toFloatWgsl from '../../../shaders/cast-to-float.wgsl?raw';
import { type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { copying, copyTo, keepLayout, wholeOf } from './strided-copy';
import { vectorWalk } from './vector-walk';

const toInteger = defineShader('cast', wgsl);
const toFloat = defineShader('cast-to-float', toFloatWgsl);
const WORKGROUP = 64;

/** Another type, in whichever layout the input has; a plain copy where the numbers stay what they are. */
export const cast: OperatorKernels<'cast'> = {
  layouts: keepLayout,
  candidates: ({ inputs: [x], outputs: [y], device }) => {
    if (x.dtype === y.dtype || (x.dtype === 'bool' && y.dtype === 'int32')) {
      return copying(copyTo(y, wholeOf(x), device));
    }
    const shader = y.dtype === 'float32' ? toFloat : toInteger;
    const { constants, params, workgroups } = vectorWalk(x, y, WORKGROUP, device, true);
    return [
      {
        kernel: shader.name,
        setting: '',
        dispatches: [
          {
            shader,
            constants: { ...constants, ...(shader === toInteger && { TO_BOOL: Number(y.dtype === 'bool') }) },
            bind: { x: tensor(x), y: tensor(y) },
            params,
            workgroups,
            // Of the side that the aliases name: the one that may be float.
            storage: shader === toInteger && x.dtype !== 'float32' ? 'int32' : 'float',
          },
        ],
      },
    ];
  },
};
