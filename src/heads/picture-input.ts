import { ArgumentError } from '../errors';
import type { Dimension, OnnxModel } from '../formats/onnx/schema';
import { isOnnxType, typeInfo, typeName } from '../formats/onnx/types';
import type { Pair } from '../operators/window';
import type { Shape } from '../tensor';

/** The input of a network that takes the picture, by what its file declares. */
export interface DeclaredPicture {
  readonly name: string;
  readonly channelsLast: boolean;
  readonly channels: 1 | 3;
  /** Height and width, where the file settles them. */
  readonly size: readonly [number | undefined, number | undefined];
}

/** Inputs beside the picture whose values follow from its size. */
const COMPANIONS = /^(orig_target_sizes|im_shape|scale_factor|pixel_mask)$/;

/**
 * Finds the input that takes the picture.
 *
 * @throws ArgumentError when there is none, or other inputs beside it that nothing is known about
 */
export function declaredPicture({ graph }: OnnxModel, name: string): DeclaredPicture {
  const initialized = new Set(graph.initializers.map((tensor) => tensor.name));
  const open = graph.inputs.filter((input) => !initialized.has(input.name) && !COMPANIONS.test(input.name));
  const text = open.map(
    ({ name, dims }) => `"${name}" [${dims?.map((d) => d ?? '?').join(', ') ?? 'of unknown rank'}]`,
  );
  const use = 'run it with engine.load and tensors of your own';
  if (open.length !== 1) {
    throw new ArgumentError(`${name} takes ${text.join(', ') || 'nothing'}, and a task gives one picture: ${use}`);
  }
  const [{ name: input, dims, elementType }] = open;
  const dtype = isOnnxType(elementType) ? typeInfo(elementType).dtype : undefined;
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new ArgumentError(`${name}: input "${input}" holds ${typeName(elementType)}, and pixels are numbers`);
  }
  const picture = dims?.length === 4 && (typeof dims[0] !== 'number' || dims[0] === 1) ? pictureOf(dims) : undefined;
  if (!picture) {
    const expected = '[1, 3, H, W], [1, H, W, 3] or one channel for 3';
    throw new ArgumentError(`${name}: input ${text[0]} is no picture, ${expected} expected: ${use}`);
  }
  return { name: input, ...picture };
}

function pictureOf([, a, b, c]: readonly Dimension[]): Omit<DeclaredPicture, 'name'> | undefined {
  const isColours = (dim: Dimension): boolean => dim === 1 || dim === 3;
  const isOpen = (dim: Dimension): boolean => typeof dim !== 'number';
  const length = (dim: Dimension): number | undefined => (typeof dim === 'number' ? dim : undefined);
  // An axis that surely holds colours leaves no doubt; where all are open, PyTorch's order is the usual one.
  const isFirst = isColours(a) || (isOpen(a) && !isColours(c));
  if (!isFirst && !isColours(c)) return undefined;
  const channels = (isFirst ? a : c) === 1 ? 1 : 3;
  return { channelsLast: !isFirst, channels, size: isFirst ? [length(b), length(c)] : [length(a), length(b)] };
}

/** The shape of the input tensor for pictures of a size. */
export const inputShape = ({ channelsLast, channels }: DeclaredPicture, [height, width]: Pair): Shape =>
  channelsLast ? [1, height, width, channels] : [1, channels, height, width];

/** Shapes and values of the other inputs. */
export function companions({ graph }: OnnxModel, [height, width]: Pair) {
  const found: Record<string, { readonly shape: Shape; readonly values: readonly number[] }> = {};
  for (const { name } of graph.inputs) {
    if (!COMPANIONS.test(name)) continue;
    if (name === 'pixel_mask') found[name] = { shape: [1, height, width], values: new Array(height * width).fill(1) };
    else
      found[name] = {
        shape: [1, 2],
        values: name === 'scale_factor' ? [1, 1] : name === 'im_shape' ? [height, width] : [width, height],
      };
  }
  return found;
}
