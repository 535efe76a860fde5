import { ArgumentError, type Graph } from '../../src';
import type { ImportedModel, OnnxModel } from '../../src/formats/onnx';
import { graphStatistics } from '../../src/graph/statistics';
import { readUltralytics } from '../../src/heads/ultralytics';
import { quantity } from '../dom';
import { inputShape, type PictureInput, type Preparation, pictureInput } from './preparation';

/** A network from a file, before it is known what its picture is like. */
export interface NetworkFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The contents of other files, by name: large networks keep their weights beside them. */
  readonly beside: ReadonlyMap<string, Uint8Array>;
  readonly input: string;
  readonly dtype: 'float32' | 'int32';
  readonly picture: PictureInput;
  /** Names of its classes, where the file has them. */
  readonly labels: readonly string[] | undefined;
  /** What its exporter wrote into it, by its own keys. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads what an ONNX file says about its input.
 *
 * @throws ModelFormatError when it is no such file, ArgumentError when it takes another thing than a picture
 */
export async function readNetworkFile(
  name: string,
  bytes: Uint8Array,
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<NetworkFile> {
  const { isOnnxType, readModel, typeInfo, typeName } = await import('../../src/formats/onnx');
  const model = readModel(bytes);
  const { inputs, initializers } = model.graph;
  const initialized = new Set(initializers.map((tensor) => tensor.name));
  const open = inputs.filter((input) => !initialized.has(input.name));
  if (open.length !== 1) {
    const names = open.map((input) => `"${input.name}"`).join(', ') || 'none';
    throw new ArgumentError(
      `${name} has ${open.length} inputs (${names}). The page runs networks that take one picture; \`fovea run\` takes any inputs.`,
    );
  }
  const [{ name: input, dims, elementType }] = open;
  const dtype = isOnnxType(elementType) ? typeInfo(elementType).dtype : undefined;
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new ArgumentError(`${name}: its input "${input}" holds ${typeName(elementType)}, and pixels are numbers.`);
  }
  const picture = pictureInput(input, dims);
  const missing = weightFiles(initializers).find((file) => !beside.has(file));
  if (missing !== undefined) {
    throw new ArgumentError(`${name} keeps its weights in ${missing}. Drop both files together, or choose both.`);
  }
  return {
    name,
    bytes,
    beside,
    input,
    dtype,
    picture,
    labels: readUltralytics(model.metadata).labels,
    metadata: model.metadata,
  };
}

/** Names of the other files that hold tensors. */
function weightFiles(tensors: OnnxModel['graph']['initializers']): string[] {
  return [...new Set(tensors.flatMap(({ external }) => (external ? [nameOf(external.get('location') ?? '')] : [])))];
}

/** A file is known by its name alone, whatever folder the network says. */
const nameOf = (location: string): string => location.split('/').at(-1)!;

/** The network for pictures of a size. @throws ModelFormatError, UnsupportedOperatorError naming every node, ArgumentError */
export async function importNetwork(file: NetworkFile, preparation: Preparation): Promise<ImportedModel> {
  const { importOnnxModel } = await import('../../src/formats/onnx');
  const externalData = (location: string): Uint8Array | undefined => file.beside.get(nameOf(location));
  return importOnnxModel(file.bytes, { shapes: { [file.input]: inputShape(preparation) }, externalData });
}

/** The results of an inspection, as names and values. */
export function factsOf({ graph, opset, producer }: ImportedModel): [fact: string, value: string][] {
  const { parameters, flops } = graphStatistics(graph);
  return [
    ['Made by', `${producer || 'an unnamed tool'}, opset ${opset}`],
    ['Input', graph.inputs.map((name) => describe(graph, name)).join(', ')],
    ['Outputs', graph.outputs.map((name) => describe(graph, name)).join(', ')],
    ['Size', `${quantity(parameters)} parameters, ${quantity(flops)} FLOP (a multiply-add counts two)`],
    ['Operators', countOperators(graph)],
  ];
}

function describe(graph: Graph, name: string): string {
  const { dtype, shape } = graph.values.get(name)!;
  return `${name} ${dtype} [${shape.join(', ')}]`;
}

function countOperators({ nodes }: Graph): string {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([op, count]) => `${count} × ${op}`)
    .join(', ');
}
