import { ArgumentError, type Graph, type PictureSpec, type RawPicture, Tensor } from '../../src';
import { pictureToTensor } from '../../src/reference/picture';
import { byId } from '../dom';

/** A network of the user's own, as far as its file says: what it wants of a picture, the user says. */
export interface ForeignNetwork {
  readonly name: string;
  readonly graph: Graph;
}

/** What networks are commonly trained on, as mean and deviation of values in 0..1. */
const RANGES: Readonly<Record<string, Pick<PictureSpec, 'mean' | 'std'>>> = {
  unit: { mean: [0, 0, 0], std: [1, 1, 1] },
  signed: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  bytes: { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
};

const FITS = ['crop', 'squash', 'letterbox'] as const;

/**
 * Reads an ONNX file whose input is a picture.
 *
 * @throws ModelFormatError, UnsupportedOperatorError naming every node
 * @throws ArgumentError when it has another input
 */
export async function readNetwork(file: File): Promise<ForeignNetwork> {
  const { importOnnx } = await import('../../src/formats/onnx');
  const graph = importOnnx(new Uint8Array(await file.arrayBuffer()));
  const [name] = graph.inputs;
  const { shape, dtype } = graph.values.get(name)!;
  const isPicture = shape.length === 4 && shape[0] === 1 && (shape[1] === 3 || shape[3] === 3) && dtype === 'float32';
  if (graph.inputs.length !== 1 || !isPicture) {
    throw new ArgumentError(
      `${file.name}: its input "${name}" is ${dtype} [${shape.join(', ')}]; the page runs networks with one picture, float32 [1, 3, H, W] or [1, H, W, 3]`,
    );
  }
  return { name: file.name, graph };
}

const isChannelsLast = (graph: Graph): boolean => graph.values.get(graph.inputs[0])!.shape[1] !== 3;

/** What the user says that a network wants to see, at the size that its input has. */
export function chosenSpec(graph: Graph): PictureSpec {
  const { shape } = graph.values.get(graph.inputs[0])!;
  const fit = byId<HTMLSelectElement>('onnx-fit').value;
  const size = isChannelsLast(graph) ? ([shape[1], shape[2]] as const) : ([shape[2], shape[3]] as const);
  return {
    size,
    fit: FITS.find((known) => known === fit) ?? 'crop',
    ...(RANGES[byId<HTMLSelectElement>('onnx-range').value] ?? RANGES.unit),
  };
}

/** A picture as a network's input, in the order of axes that it has. */
export function inputOf(graph: Graph, picture: RawPicture, spec: PictureSpec): Tensor {
  const planes = pictureToTensor(picture, spec);
  if (!isChannelsLast(graph)) return planes;
  const [height, width] = spec.size;
  const pixels = height * width;
  const data = Float32Array.from({ length: 3 * pixels }, (_, i) => planes.data[(i % 3) * pixels + Math.floor(i / 3)]);
  return Tensor.float32([1, height, width, 3], data);
}
