import { fromFloat16Array, toFloat16Array } from '../float16';
import { type DataType, type Shape, sizeOf, Tensor } from '../tensor';
import type { Operand, PackedOperand } from './kernel';
import { type TensorDesc, toLayout } from './layout';
import type { Plan, Precision } from './plan';
import { packParams, type StorageType } from './shader';

/** Host numbers as a storage type's bytes. */
function toStorage(data: Float32Array | Int32Array, storage: StorageType): Uint8Array {
  const words = storage === 'f16' && data instanceof Float32Array ? toFloat16Array(data) : data;
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** A prepacked constant as a session of this precision stores it. */
function packedBytes({ pack, float32 }: PackedOperand, precision: Precision): Uint8Array {
  const data = pack();
  return toStorage(data, data instanceof Int32Array ? 'i32' : float32 ? 'f32' : precision);
}

/** A maker of bytes for every constant that a plan's dispatches read, by the name under which it is bound. */
export function constantBytes({ graph, precision, steps, tensors }: Plan): Map<string, () => Uint8Array> {
  const makers = new Map<string, () => Uint8Array>();
  const add = (operand: Operand): void => {
    if (operand.kind === 'constant') makers.set(operand.key, () => packedBytes(operand, precision));
    if (operand.kind !== 'tensor') return;
    const desc = tensors.get(tensors.get(operand.value)!.root)!;
    const constant = graph.constants.get(desc.value);
    if (constant) makers.set(desc.value, () => tensorToBytes(constant, desc, storageOf(desc.dtype, precision)));
  };
  for (const { chosen } of steps) for (const { bind } of chosen.dispatches) Object.values(bind).forEach(add);
  return makers;
}

/** The `Params` of every launch, each distinct block once, and where each launch finds its own among them. */
export function paramBlocks({ steps }: Plan): { blocks: readonly Uint8Array[]; blockOf: readonly number[] } {
  const blocks: Uint8Array[] = [];
  const known = new Map<string, number>();
  const blockOf = steps.flatMap(({ chosen }) =>
    chosen.dispatches.map(({ shader, params }) => {
      const block = packParams(shader, params);
      const key = String(new Uint32Array(block.buffer));
      const index = known.get(key) ?? blocks.push(block) - 1;
      known.set(key, index);
      return index;
    }),
  );
  return { blocks, blockOf };
}

export const storageOf = (dtype: DataType, precision: Precision): StorageType =>
  dtype === 'float32' ? precision : 'i32';

/** A host tensor as the bytes of a contiguous GPU tensor of the same shape. */
export function tensorToBytes(tensor: Tensor, desc: TensorDesc, storage: StorageType): Uint8Array {
  const numbers = tensor.data instanceof Uint8Array ? Int32Array.from(tensor.data) : tensor.data;
  return toStorage(toLayout(numbers, desc.shape, desc.layout), storage);
}

/**
 * A GPU tensor, given all bytes of its root, as a host tensor in the order of its shape.
 *
 * @param shape a smaller one keeps only the leading elements of each axis
 */
export function bytesToTensor(
  bytes: ArrayBuffer,
  desc: TensorDesc,
  storage: StorageType,
  shape: Shape = desc.shape,
): Tensor {
  const numbers =
    storage === 'f16'
      ? fromFloat16Array(new Uint16Array(bytes))
      : storage === 'f32'
        ? new Float32Array(bytes)
        : new Int32Array(bytes);
  const result = Tensor.zeros(desc.dtype, shape);
  gather(numbers, desc.offset, shape, desc.strides, result.data);
  return result;
}

/** Reads the elements of a strided box in row-major order. */
function gather(
  from: ArrayLike<number>,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  to: Float32Array | Int32Array | Uint8Array,
): void {
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  let at = offset;
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    to[i] = from[at];
    for (let axis = rank - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}
