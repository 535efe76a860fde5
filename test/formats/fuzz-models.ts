import { OPERATORS } from '../../src/formats/onnx/operators';
import type { Random } from '../support/random';
import type { ModelSpec } from './onnx-file';

const NAMES = [...OPERATORS.keys()];
const ODD_INTEGERS = [-1, 0, 1, 2, 3, 7, -2, 255, 65536, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53)];
const ODD_FLOATS = [0, -1, 0.5, NaN, Infinity, -Infinity, 1e-30, 3e38];

/**
 * A well-formed file that means nonsense: attributes, shapes, constants, operators, inputs and versions of a good one
 * replaced. Random bytes seldom come so far.
 */
export function garble(model: ModelSpec, random: Random): ModelSpec {
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const rarely = (): boolean => below(12) === 0;
  const values = [...(model.inputs ?? []), ...(model.initializers ?? [])].map((v) => v.name ?? '');

  /** Every number in a JSON-like value may become an odd one, and lists may lose or repeat an entry. */
  const shake = (value: unknown): unknown => {
    if (typeof value === 'number') return rarely() ? pick(ODD_INTEGERS) : value;
    if (typeof value === 'string') return rarely() ? pick(['', 'same', value.toUpperCase(), 'linear']) : value;
    if (Array.isArray(value)) {
      const list = value.map(shake);
      if (rarely()) return list.slice(1);
      return rarely() ? [...list, ...list] : list;
    }
    if (typeof value === 'object' && value !== null) {
      if ('f' in value) return { f: rarely() ? pick(ODD_FLOATS) : value.f };
      if ('fs' in value && Array.isArray(value.fs))
        return { fs: value.fs.map((v) => (rarely() ? pick(ODD_FLOATS) : v)) };
    }
    return value;
  };

  return {
    opset: rarely() ? 1 + below(26) : model.opset,
    inputs: model.inputs?.map((input) => ({ ...input, dims: shake(input.dims) as number[] })),
    outputs: model.outputs,
    initializers: model.initializers?.map((tensor) => {
      const dims = shake(tensor.dims) as number[];
      const size = Math.min(
        dims.reduce((product, d) => product * d, 1),
        1000,
      );
      // Most often as many values as the shape says, so that the nonsense reaches an operator.
      const fit = <T>(list: readonly T[] | undefined): T[] | undefined =>
        list?.length ? Array.from({ length: Math.max(size, 0) }, (_, i) => list[i % list.length]) : undefined;
      const int64s = fit(tensor.int64s)?.map((v) => (rarely() ? pick(ODD_INTEGERS) : v));
      const floats = fit(tensor.floats)?.map((v) => (rarely() ? pick(ODD_FLOATS) : v));
      return { ...tensor, dims, int64s, floats, int32s: fit(tensor.int32s) };
    }),
    nodes: model.nodes.map((node) => ({
      ...node,
      op: rarely() ? pick(NAMES) : node.op,
      inputs: node.inputs.map((input) => (rarely() ? pick(['', ...values]) : input)),
      attributes: Object.fromEntries(
        Object.entries(node.attributes ?? {}).map(([name, value]) => [name, shake(value)] as const),
      ) as typeof node.attributes,
    })),
  };
}
