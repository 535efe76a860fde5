import type { Tensor } from '../../../src';
import { make, milliseconds, quantity, sized } from '../../dom';
import { rangeOf, reach } from '../channel';
import { paintDiverging } from '../diverging';
import { kernelName, type Layer, type Listing } from '../layers';
import { writtenAs } from './fusion';

/** Everything that is known of a layer: its costs, its attributes, its weights, and what was fused into it. */
export function factsOf(layer: Layer, { source, graph }: Listing, timeMs: number | undefined): HTMLElement[] {
  const { node, shape, parameters, flops, step } = layer;
  const written = writtenAs(source, graph, node);
  const facts: [string, string][] = [
    ['Operator', node.op],
    ...(step ? [['Kernel', kernelName(step)] as [string, string]] : []),
    [
      'Reads',
      node.inputs
        .filter((input) => !graph.constants.has(input))
        .map((input) => nameAndShape(graph, input))
        .join(', '),
    ],
    ['Makes', `${node.outputs.join(', ')} ${shape.join(' × ')}`],
    ...(parameters ? [['Parameters', quantity(parameters)] as [string, string]] : []),
    ...(flops ? [['FLOP', quantity(flops)] as [string, string]] : []),
    ...(timeMs === undefined ? [] : [['Time', milliseconds(timeMs)] as [string, string]]),
    ...Object.entries(node.attributes).map(([name, value]): [string, string] => [name, textOf(value)]),
    ...(written.length > 1
      ? [['Fused from', written.map(({ name, op }) => `${name} (${op})`).join(' → ')] as [string, string]]
      : []),
  ];
  const list = make(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
  const weights = node.inputs.flatMap((input) => {
    const constant = graph.constants.get(input);
    return constant && constant.size > 0 ? [showWeights(input, constant)] : [];
  });
  return [list, ...weights];
}

const nameAndShape = (graph: Listing['graph'], value: string): string =>
  `${value} ${graph.values.get(value)?.shape.join(' × ') ?? ''}`;

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
        .map(([name, part]) => `${name} ${textOf(part)}`)
        .join(', ')
    : Array.isArray(value)
      ? value.map(textOf).join(', ')
      : String(value);

/** Outputs and inputs of a convolution whose kernels are drawn. */
const MOST_KERNELS = 16;

/** Weights in the colours of the scale: kernels as they lie, a row for each output channel; anything else as one row. */
function showWeights(name: string, { shape, data }: Tensor): HTMLElement {
  const range = rangeOf(data);
  const text = `${name}: ${shape.join(' × ')}, from ${range.low.toPrecision(3)} to ${range.high.toPrecision(3)}`;
  const figure = make('figure', { class: 'weights' });
  if (shape.length === 4) {
    const [outputs, inputs, rows, columns] = shape;
    const [down, across] = [outputs, inputs].map((size) => Math.min(size, MOST_KERNELS));
    const canvas = make('canvas', { role: 'img', 'aria-label': `The first kernels of ${name}` });
    const context = sized(canvas, across * (columns + 1), down * (rows + 1));
    for (let o = 0; o < down; o++) {
      for (let i = 0; i < across; i++) {
        const kernel = context.createImageData(columns, rows);
        const start = (o * inputs + i) * rows * columns;
        paintDiverging(kernel, data.subarray(start, start + rows * columns), reach(range));
        context.putImageData(kernel, i * (columns + 1), o * (rows + 1));
      }
    }
    figure.append(canvas);
  }
  figure.append(make('figcaption', { class: 'credit' }, text));
  return figure;
}
