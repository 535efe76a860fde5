import type { Graph, GraphNode, Tensor } from '../../src';
import { type ConvolutionSteps, convolutionAt, element, type Place, patchOf } from './convolution';
import { shortcutAt } from './shortcut';
import { stagesAt } from './stages';

/** The values that go into a node and are known only after a run. */
export const operandsOf = (graph: Graph, node: GraphNode): string[] =>
  node.inputs.filter((input) => !graph.constants.has(input));

const number = (value: number): string => (value >= 0 ? ` ${value.toPrecision(4)}` : value.toPrecision(4));

/** The sum that made one element of a node's output, line by line; undefined where there is no simple one. */
export function explain(
  graph: Graph,
  node: GraphNode,
  output: string,
  values: ReadonlyMap<string, Tensor>,
  at: Place,
): string | undefined {
  const tensorOf = (name: string): Tensor | undefined => values.get(name) ?? graph.constants.get(name);
  const inputs = node.inputs.map(tensorOf);
  if (inputs.some((input) => !input)) return undefined;
  switch (node.op) {
    case 'conv2d':
      return explainConvolution(convolutionAt(node.attributes, inputs as Tensor[], at));
    case 'shortcut-conv2d':
      return explainConvolution(shortcutAt(node, inputs as Tensor[], at));
    case 'separable-conv2d':
    case 'separable-expand':
      return explainConvolution(stagesAt(node, inputs as Tensor[], output, at)[0].at(at.channel));
    case 'max-pool2d': {
      const { patch, padded } = patchOf(inputs[0]!, at, node.attributes.kernel, node.attributes);
      return `max of ${patch
        .filter((_, i) => !padded[i])
        .map(number)
        .join(', ')}`;
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

function explainConvolution(steps: ConvolutionSteps): string {
  const { size, channels, bias, residual, sum, activation, result } = steps;
  const terms = channels.flatMap(({ channel, patch, padded, kernel }) =>
    kernel.flatMap((w, tap) => {
      const from = `channel ${channel}, tap ${Math.floor(tap / size[1])},${tap % size[1]}`;
      return padded[tap] ? [] : [{ from, w, x: patch[tap], product: w * patch[tap] }];
    }),
  );
  const byWeight = terms.toSorted((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const rest = byWeight.slice(MOST_TERMS);
  const lines = [
    `${number(bias)}  bias`,
    ...byWeight
      .slice(0, MOST_TERMS)
      .map(({ w, x, product, from }) => `${number(product)}  =${number(w)} ×${number(x)}   ${from}`),
  ];
  if (rest.length > 0) {
    lines.push(`${number(rest.reduce((all, { product }) => all + product, 0))}  ${rest.length} smaller terms`);
  }
  if (residual?.when === 'before-activation') lines.push(`${number(residual.value)}  residual`);
  lines.push(`${number(sum)}  sum`);
  if (activation !== 'identity') {
    const after = residual?.when === 'after-activation' ? result - residual.value : result;
    lines.push(`${number(after)}  ${activation} of it`);
  }
  if (residual?.when === 'after-activation')
    lines.push(`${number(residual.value)}  residual`, `${number(result)}  in all`);
  return lines.join('\n');
}
