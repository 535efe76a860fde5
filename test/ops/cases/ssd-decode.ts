import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const decode = (
  name: string,
  shape: readonly [number, number, 4],
  clip: boolean,
  extra: Partial<KernelCase<'ssd-decode'>> = {},
): KernelCase<'ssd-decode'> => ({
  name,
  op: 'ssd-decode',
  attributes: { variances: [0.1, 0.2], clip },
  inputs: [new Random(4).tensor(shape, -3, 3), new Random(5).tensor(shape.slice(1), 0.05, 0.95)],
  ...extra,
});

export const cases: readonly KernelCase[] = [
  decode('boxes that reach beyond the picture', [1, 37, 4], false),
  decode('boxes cut to the picture', [1, 37, 4], true),
  decode('several images share the default boxes', [3, 13, 4], false),
  decode('default boxes that are not constants', [2, 5, 4], false, { constants: [] }),
  decode("more boxes than one dimension's workgroups", [3, 1001, 4], true, { workgroupLimit: 8 }),
];
