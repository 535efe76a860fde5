import { NO_EPILOGUE } from '../operators/epilogue';
import { gateProducts } from '../operators/squeeze-excite';
import { binary } from './binary';
import { conv2d } from './conv2d';
import { globalPool2d } from './global-pool2d';
import type { Reference } from './reference';

const POINTWISE = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;

/** The mean of all pixels, then 1×1 convolutions of it, each rounded to float32. */
export const squeezeExcite: Reference<'squeeze-excite'> = (inputs, attributes) => {
  const [x] = inputs;
  const addend = inputs.at(5);
  const sum = addend ? binary([x, addend], { fn: 'add' }, [x.shape]) : x;
  const [batch, channels] = x.shape;
  return gateProducts(inputs, attributes).reduce(
    (from, { activation, weight, bias }) =>
      conv2d([from, weight, bias], { ...POINTWISE, activation }, [[batch, weight.shape[0], 1, 1]]),
    globalPool2d([sum], { fn: 'mean' }, [[batch, channels, 1, 1]]),
  );
};
