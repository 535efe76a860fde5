import type { Graph, GraphNode } from '../../src/graph/graph';
import { INT64, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';

const floatBytes = (data: ArrayLike<number>): Uint8Array => new Uint8Array(Float32Array.from(data).buffer);

/** Writes a graph as an ONNX file, for other engines. It knows the operators of the test networks. */
export function graphToOnnx(graph: Graph): Uint8Array {
  const initializers: TensorSpec[] = [...graph.constants].map(([name, tensor]) => ({
    name,
    type: 1,
    dims: tensor.shape,
    raw: floatBytes(tensor.data),
  }));
  const constants: Constants = {
    integers: (name, values) => {
      initializers.push({ name, type: INT64, dims: [values.length], int64s: values });
      return name;
    },
    number: (name, value) => {
      initializers.push({ name, type: 1, dims: [], floats: [value] });
      return name;
    },
  };
  const nodes = graph.nodes.map((node) => nodeSpec(node, graph, constants));
  const inputs = graph.inputs.map((name) => ({ name, dims: graph.values.get(name)!.shape }));
  return onnxFile({ opset: 17, inputs, outputs: graph.outputs, initializers, nodes });
}

/** Makes constants of the file, and returns their names. */
interface Constants {
  readonly integers: (name: string, values: readonly number[]) => string;
  readonly number: (name: string, value: number) => string;
}

type Part = Pick<NodeSpec, 'op' | 'attributes'> & { readonly inputs?: readonly string[] };

const BINARY: Readonly<Record<string, string>> = { add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div' };

function nodeSpec(node: GraphNode, graph: Graph, constants: Constants): NodeSpec {
  const { op, inputs = node.inputs, attributes } = part(node, graph, constants);
  return { op, name: node.name, inputs, outputs: node.outputs, ...(attributes && { attributes }) };
}

function part(node: GraphNode, graph: Graph, { integers, number }: Constants): Part {
  switch (node.op) {
    case 'conv2d': {
      const { stride, dilation, padding, groups } = node.attributes;
      return { op: 'Conv', attributes: { strides: stride, dilations: dilation, pads: padding, group: groups } };
    }
    case 'batch-norm':
      return { op: 'BatchNormalization', attributes: { epsilon: { f: node.attributes.epsilon } } };
    case 'unary':
      if (node.attributes.fn === 'relu') return { op: 'Relu' };
      if (node.attributes.fn === 'erf') return { op: 'Erf' };
      if (node.attributes.fn === 'clip' || node.attributes.fn === 'relu6') {
        const { alpha, beta } = node.attributes.fn === 'clip' ? node.attributes : { alpha: 0, beta: 6 };
        const bounds = [number(`${node.name}.least`, alpha), number(`${node.name}.most`, beta)];
        return { op: 'Clip', inputs: [...node.inputs, ...bounds] };
      }
      break;
    case 'binary':
      if (node.attributes.fn in BINARY) return { op: BINARY[node.attributes.fn] };
      break;
    case 'reduce':
      if (node.attributes.fn === 'max') {
        const { axes, keepDims } = node.attributes;
        return { op: 'ReduceMax', attributes: { axes, keepdims: Number(keepDims) } };
      }
      break;
    case 'max-pool2d':
      return { op: 'MaxPool', attributes: { kernel_shape: node.attributes.kernel, strides: node.attributes.stride } };
    case 'global-pool2d':
      return { op: node.attributes.fn === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool' };
    case 'resize2d': {
      const sizes = integers(`${node.name}.sizes`, graph.values.get(node.outputs[0])!.shape);
      const mode = {
        mode: node.attributes.mode,
        coordinate_transformation_mode: node.attributes.coordinates.replace('-', '_'),
        nearest_mode: node.attributes.rounding.replaceAll('-', '_'),
      };
      return { op: 'Resize', inputs: [node.inputs[0], '', '', sizes], attributes: mode };
    }
    case 'concat':
      return { op: 'Concat', attributes: { axis: node.attributes.axis } };
    case 'transpose':
      return { op: 'Transpose', attributes: { perm: node.attributes.permutation } };
    case 'reshape':
      return { op: 'Reshape', inputs: [node.inputs[0], integers(`${node.name}.shape`, node.attributes.shape)] };
    case 'slice': {
      const { starts, sizes, steps } = node.attributes;
      const ends = starts.map((start, axis) => start + sizes[axis] * steps[axis]);
      const parts = Object.entries({ starts, ends, axes: starts.map((_, axis) => axis), steps });
      const inputs = parts.map(([name, values]) => integers(`${node.name}.${name}`, values));
      return { op: 'Slice', inputs: [node.inputs[0], ...inputs] };
    }
    case 'layer-norm':
      return {
        op: 'LayerNormalization',
        attributes: { axis: node.attributes.axis, epsilon: { f: node.attributes.epsilon } },
      };
    case 'matmul':
      return { op: 'MatMul' };
    case 'dense':
      return { op: 'Gemm', attributes: { transB: 1 } };
    case 'softmax':
      return { op: 'Softmax', attributes: { axis: node.attributes.axis } };
  }
  throw new Error(`the test networks have no ${node.op} "${node.name}"`);
}
