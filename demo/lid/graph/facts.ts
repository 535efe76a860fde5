import type { Tensor } from '../../../src';
import { make, milliseconds, quantity, sized } from '../../dom';
import { rangeOf, reach } from '../channel';
import { paintDiverging } from '../diverging';
import { kernelName, type Layer, type Listing } from '../layers';
import { writtenAs } from './fusion';

/** Everything that is known of a layer: its costs, its attributes, its weights, and what was fused into it. */
export function factsOf(layer: Layer, { source, graph }: Listing, timeMs: number | undefined): HTMLElement[] {
  const { node, parameters, flops, step } = layer;
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
    ['Makes', node.outputs.map((output) => nameAndShape(graph, output)).join(', ')],
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

/** Kernels of a convolution that are drawn in a row, and rows of them. */
const MOST_KERNELS = 16;

/** Weights in the colours of the scale: kernels as they lie, a row for each output channel; anything else as one row. */
function showWeights(name: string, { shape, data }: Tensor): HTMLElement {
  const range = rangeOf(data);
  const text = `${name}: ${shape.join(' × ')}, from ${range.low.toPrecision(3)} to ${range.high.toPrecision(3)}`;
  const figure = make('figure', { class: 'weights' });
  if (shape.length === 4) {
    const [outputs, inputs, rows, columns] = shape;
    // Kernels of one input each, as those of a depthwise convolution, follow each other without end of line.
    const inRow = inputs === 1 ? Math.min(outputs, MOST_KERNELS) : inputs;
    const across = Math.min(inRow, MOST_KERNELS);
    const down = Math.min(Math.ceil((outputs * inputs) / inRow), MOST_KERNELS);
    // A kernel of one number is a square of a picture, and needs no line around it.
    const gap = rows * columns > 1 ? 1 : 0;
    const canvas = make('canvas', { role: 'img', 'aria-label': `The first kernels of ${name}` });
    const context = sized(canvas, across * (columns + gap), down * (rows + gap));
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across && y * inRow + x < outputs * inputs; x++) {
        const kernel = context.createImageData(columns, rows);
        const start = (y * inRow + x) * rows * columns;
        paintDiverging(kernel, data.subarray(start, start + rows * columns), reach(range));
        context.putImageData(kernel, x * (columns + gap), y * (rows + gap));
      }
    }
    figure.append(canvas);
  }
  figure.append(make('figcaption', { class: 'credit' }, text));
  return figure;
}
