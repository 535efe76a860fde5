import wgsl from '../../../shaders/conv2d-depthwise-column.wgsl?raw';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv } from '../layout';
import { defineShader } from '../shader';
import { depthwiseOperands, PRODUCTS_PER_LOAD } from './conv2d-depthwise';

const shader = defineShader('conv2d-depthwise-column', wgsl);
const { ROWS } = shader.consts;
const WORKGROUP = 4;

/** Depthwise 3×3 with stride 1 or 2, the same along rows and columns, by invocations that walk down the picture. */
export function conv2dDepthwiseColumn(context: KernelContext<'conv2d'>): Candidate[] {
  const operands = depthwiseOperands(context);
  const { inputs, outputs, node } = context;
  const { stride, dilation } = node.attributes;
  const isWindow = inputs[1].shape.slice(2).every((taps) => taps === 3) && dilation.every((step) => step === 1);
  if (!operands || !isWindow || stride[0] > 2 || stride[0] !== stride[1]) return [];
  const {
    bind,
    params: { rows, ...params },
    epilogue,
  } = operands;
  const [batch, , outHeight, outWidth] = outputs[0].shape;
  const pixels = stride[0] === 1 ? 4 : 2;
  const strips = ceilDiv(outHeight, ROWS);
  const workgroups = [ceilDiv(params.blocks, WORKGROUP), ceilDiv(outWidth, pixels), batch * strips] as const;
  const launch = {
    grid: { workgroups },
    constants: { STRIDE: stride[0], PIXELS: pixels },
    bind,
    params: { ...params, strips },
    epilogue,
  };
  const loadsOfRow = stride[0] * (pixels * stride[0] + 3 - stride[0]) + (9 * pixels) / PRODUCTS_PER_LOAD;
  const loads = workgroups[0] * workgroups[1] * batch * (outHeight + 2 * strips) * loadsOfRow;
  return [{ ...candidate(shader, launch, `stride ${stride[0]}`), loads }];
}
