import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

const files = import.meta.glob<readonly KernelCase[]>(['./*.ts', '!./index.ts'], { eager: true, import: 'cases' });

const ownCases = Object.values(files).flat();

/** Operators of which each kernel is another way through, so that all cases are run as parts. */
const MANY_KERNELS = ['conv2d', 'separable-conv2d', 'upsample-conv2d'];
const MOST_OF_OTHERS = 4;

/** The first cases of several images, whose kernels may take strides for those of whole images where they must not. */
function asParts(cases: readonly KernelCase[]): KernelCase[] {
  const wanted = cases.filter(({ op, inputs: [x], workgroupLimit }) => {
    const shape = x instanceof Tensor ? x.shape : x;
    return !['slice', 'concat', 'split'].includes(op) && shape.length === 4 && shape[0] > 1 && !workgroupLimit;
  });
  return wanted
    .filter(
      ({ op }, i) =>
        MANY_KERNELS.includes(op) || wanted.slice(0, i).filter((one) => one.op === op).length < MOST_OF_OTHERS,
    )
    .map((one) => ({ ...one, name: `${one.name}, within larger images`, isPart: true }));
}

/** Every kernel case, on every WebGPU implementation. */
export const allCases: readonly KernelCase[] = [...ownCases, ...asParts(ownCases)];
