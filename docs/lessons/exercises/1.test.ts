import { expect, test } from 'vitest';
import { NO_EPILOGUE } from '../../../src/operators/epilogue';
import { conv2d } from '../../../src/reference/conv2d';
import { Random } from '../../../test/support/random';
import { answersOf } from './answers';

const { outputOf, outputSize } = await answersOf<typeof import('./solutions/1')>(1);

test('exercise 1: one output is the sum of the products and the bias, cut off at 0 and 6', () => {
  const attributes = {
    ...NO_EPILOGUE,
    activation: { fn: 'relu6', alpha: 0, beta: 6 },
    stride: [1, 1],
    dilation: [1, 1],
    padding: [0, 0, 0, 0],
    groups: 1,
  } as const;
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const [patch, kernel] = [0, 1].map(() => random.tensor([1, 3, 3, 3], -1, 1));
    const bias = random.tensor([1], -6, 12);
    const [expected] = conv2d([patch, kernel, bias], attributes, [[1, 1, 1, 1]]).data;
    expect(outputOf(Array.from(patch.data), Array.from(kernel.data), bias.data[0])).toBeCloseTo(expected, 4);
  }
  expect(outputOf([1], [-9], 0)).toBe(0);
  expect(outputOf([1], [9], 0)).toBe(6);
});

test('exercise 2: how many rows a convolution makes', () => {
  expect(outputSize(192, 3, 2, 1)).toBe(96);
  expect(outputSize(64, 3, 1, 1)).toBe(64);
  expect(outputSize(7, 7, 1, 0)).toBe(1);
  expect(outputSize(224, 7, 2, 3)).toBe(112);
  expect(outputSize(10, 4, 3, 0)).toBe(3);
});
