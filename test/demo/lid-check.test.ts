import { expect, test } from 'vitest';
import { compareTensors } from '../../demo/lid/check';
import { Tensor } from '../../src/tensor';

const tensor = (...numbers: number[]): Tensor => Tensor.float32([1, numbers.length], numbers);

test('the worst of the numbers is named, with where it is and what both sides have', () => {
  expect(compareTensors(tensor(1, 2.5, 100), tensor(1, 2, 100))).toMatchObject({
    worstIndex: [0, 1],
    maxError: 0.5,
    actual: 2.5,
    expected: 2,
    passed: false,
  });
  expect(compareTensors(tensor(1, 2.05, 100), tensor(1, 2, 100)).passed).toBe(true);
});

test('no number hides behind infinity or NaN, which are right where the reference has them', () => {
  expect(compareTensors(tensor(Infinity, 7), tensor(Infinity, 1)).passed).toBe(false);
  expect(compareTensors(tensor(5, 1), tensor(Infinity, 1)).passed).toBe(false);
  expect(compareTensors(tensor(Number.NaN, 1), tensor(0, 1)).passed).toBe(false);
  expect(compareTensors(tensor(-Infinity, 1), tensor(Infinity, 1)).passed).toBe(false);
  expect(compareTensors(tensor(Infinity, 1), tensor(Infinity, 1)).passed).toBe(true);
  expect(compareTensors(tensor(Number.NaN, 1), tensor(Number.NaN, 1)).passed).toBe(true);
});
