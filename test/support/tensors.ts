import { type DataType, type Shape, sizeOf, Tensor } from '../../src/tensor';

/** `first`, `first + 1`, … : every element tells where it came from. Booleans alternate irregularly. */
export function sequence(shape: Shape, dtype: DataType = 'float32', first = 1): Tensor {
  const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => first + i);
  switch (dtype) {
    case 'float32':
      return Tensor.float32(shape, numbers);
    case 'int32':
      return Tensor.int32(shape, numbers);
    case 'bool':
      return Tensor.bool(
        shape,
        numbers.map((n) => Number((n * n) % 7 < 3)),
      );
  }
}
