import type { Graph, GraphNode, Tensor } from '../../src';
import { windowOutput } from '../../src/operators/window';
import { unaryFunction } from '../../src/reference/unary';

/** Where an element of an image `[1, C, H, W]` is. */
export interface Place {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** The values that go into a node and are known only after a run. */
export const operandsOf = (graph: Graph, node: GraphNode): string[] =>
  node.inputs.filter((input) => !graph.constants.has(input));

const number = (value: number): string => (value >= 0 ? ` ${value.toPrecision(4)}` : value.toPrecision(4));

/** The sum that made one element, written out line by line; undefined where there is no simple one. */
export function explain(
  graph: Graph,
  node: GraphNode,
  values: ReadonlyMap<string, Tensor>,
  at: Place,
): string | undefined {
  const tensorOf = (name: string): Tensor | undefined => values.get(name) ?? graph.constants.get(name);
  const inputs = node.inputs.map(tensorOf);
  if (inputs.some((input) => !input)) return undefined;
  switch (node.op) {
    case 'conv2d':
      return explainConvolution(node, inputs as Tensor[], at);
    case 'max-pool2d': {
      const [x] = inputs as Tensor[];
      const window = windowOf(x, at, node.attributes.kernel, node.attributes);
      return `max of ${window.map(({ value }) => number(value)).join(', ')}`;
    }
    case 'unary':
      return `${node.attributes.fn}(${number(element(inputs[0]!, at))} )`;
    case 'binary':
      return inputs.every((input) => input!.shape.length === 4)
        ? `${node.attributes.fn}(${inputs.map((input) => number(element(input!, at))).join(', ')} )`
        : undefined;
    default:
      return undefined;
  }
}

/** Terms that are written out; the rest is added up. */
const MOST_TERMS = 6;

function explainConvolution(node: GraphNode<'conv2d'>, inputs: readonly Tensor[], at: Place): string {
  const [x, weight, bias, residual] = inputs;
  const { groups, activation } = node.attributes;
  const [outChannels, groupChannels, ...kernel] = weight.shape;
  const first = Math.floor(at.channel / (outChannels / groups)) * groupChannels;
  const terms = Array.from({ length: groupChannels }, (_, c) =>
    windowOf(x, { ...at, channel: first + c }, kernel, node.attributes).map(({ tap, value }) => ({
      from: `channel ${first + c}, tap ${Math.floor(tap / kernel[1])},${tap % kernel[1]}`,
      w: weight.data[(at.channel * groupChannels + c) * kernel[0] * kernel[1] + tap],
      x: value,
    })),
  ).flat();
  const byWeight = terms.toSorted((a, b) => Math.abs(b.w * b.x) - Math.abs(a.w * a.x));
  const shown = byWeight.slice(0, MOST_TERMS);
  const rest = byWeight.slice(MOST_TERMS).reduce((sum, term) => sum + term.w * term.x, 0);
  let sum = bias.data[at.channel] + terms.reduce((all, term) => all + term.w * term.x, 0);
  const lines = [
    `${number(bias.data[at.channel])}  bias`,
    ...shown.map((t) => `${number(t.w * t.x)}  =${number(t.w)} ×${number(t.x)}   ${t.from}`),
  ];
  if (byWeight.length > MOST_TERMS) lines.push(`${number(rest)}  ${byWeight.length - MOST_TERMS} smaller terms`);
  const add = (): void => {
    const value = element(residual, residualPlace(node, x, weight, residual, at));
    sum += value;
    lines.push(`${number(value)}  residual`);
  };
  if (node.attributes.residual === 'before-activation') add();
  lines.push(`${number(sum)}  sum`);
  if (activation.fn !== 'identity') {
    sum = unaryFunction(activation)(sum);
    lines.push(`${number(sum)}  ${activation.fn} of it`);
  }
  if (node.attributes.residual === 'after-activation') {
    add();
    lines.push(`${number(sum)}  in all`);
  }
  return lines.join('\n');
}

/** Which pixel of the residual is added: a smaller one's are repeated. */
function residualPlace(
  { attributes }: GraphNode<'conv2d'>,
  x: Tensor,
  weight: Tensor,
  residual: Tensor,
  { channel, row, column }: Place,
): Place {
  const { stride, dilation, padding } = attributes;
  const [height, width] = [0, 1].map((i) =>
    windowOutput(x.shape[2 + i], weight.shape[2 + i], stride[i], dilation[i], padding[i], padding[2 + i]),
  );
  const [, , ownHeight, ownWidth] = residual.shape;
  return { channel, row: Math.floor((row * ownHeight) / height), column: Math.floor((column * ownWidth) / width) };
}

const element = ({ data, shape }: Tensor, { channel, row, column }: Place): number =>
  Number(
    data[
      (Math.min(channel, shape[1] - 1) * shape[2] + Math.min(row, shape[2] - 1)) * shape[3] +
        Math.min(column, shape[3] - 1)
    ],
  );

/** The elements of one channel under a window, padding left out. */
function windowOf(
  x: Tensor,
  { channel, row, column }: Place,
  [kernelHeight, kernelWidth]: readonly number[],
  { stride, dilation, padding }: Pick<GraphNode<'conv2d'>['attributes'], 'stride' | 'dilation' | 'padding'>,
): { tap: number; value: number }[] {
  const [, , height, width] = x.shape;
  const found: { tap: number; value: number }[] = [];
  for (let u = 0; u < kernelHeight; u++) {
    for (let v = 0; v < kernelWidth; v++) {
      const i = row * stride[0] - padding[0] + u * dilation[0];
      const j = column * stride[1] - padding[1] + v * dilation[1];
      if (i < 0 || j < 0 || i >= height || j >= width) continue;
      found.push({ tap: u * kernelWidth + v, value: Number(x.data[(channel * height + i) * width + j]) });
    }
  }
  return found;
}
