import { convolutionAt } from '../../../demo/lid/convolution';
import type { GraphNode } from '../../../src/graph/graph';
import { PASSES } from '../../../src/graph/passes';
import { optimiseWith } from '../../../src/graph/passes/pass';
import { pictureToTensor } from '../../../src/reference/picture';
import { type Blocks, tableOf } from './blocks';

import { network, photograph } from './networks';

/** The pixel of the stem's output that the lesson follows, where the sky ends on the elephant's back, and one in the sky. */
const AT = { channel: 9, row: 18, column: 48 };
const SKY = { ...AT, row: 2 };
const CHANNELS = ['red', 'green', 'blue'];

const fixed = (value: number): string => value.toFixed(3).replace('-', '−');

/** The pixels of the picture around one output of the classifier's first layer, and what becomes of them. */
export async function blocks(): Promise<Blocks> {
  const { graph, spec } = network('classifier');
  const picture = await photograph('elephant');
  const input = pictureToTensor(picture, spec);
  // Batch normalisation is folded into the weights, as when the network runs.
  const fused = optimiseWith(PASSES, graph);
  const stem = fused.nodes[0] as GraphNode<'conv2d'>;
  const constants = stem.inputs.slice(1).map((name) => fused.constants.get(name)!);
  const { channels, bias, sum, activation, result } = convolutionAt(stem.attributes, [input, ...constants], AT);
  const byte = (value: number, c: number): number => Math.round((value * spec.std[c] + spec.mean[c]) * 255);
  const rows = (values: readonly number[]): number[][] => [0, 3, 6].map((start) => values.slice(start, start + 3));
  const grid = (values: readonly number[], text: (value: number) => string): string =>
    rows(values)
      .map((row) => row.map((value) => text(value).padStart(7)).join(''))
      .join('\n');
  const pixels = channels.map(({ patch }, c) => `${CHANNELS[c]}\n${grid(patch, (value) => String(byte(value, c)))}`);
  const [red] = channels;
  const products = red.patch.map((value, i) => value * red.kernel[i]);
  return {
    'numbers: pixels': `\`\`\`\n${pixels.join('\n\n')}\n\`\`\``,
    'numbers: products': [
      '```',
      `red, as the network sees it\n${grid(red.patch, fixed)}\n`,
      `kernel\n${grid(red.kernel, fixed)}\n`,
      `products\n${grid(products, fixed)}`,
      '```',
    ].join('\n'),
    'numbers: sum': tableOf(
      ['What', 'Number'],
      [
        ...channels.map((terms, c) => [`sum of the nine ${CHANNELS[c]} products`, fixed(terms.sum)]),
        ['bias', fixed(bias)],
        ['all together', fixed(sum)],
        [`after ${activation}`, fixed(result)],
        [
          'the same in the sky, 32 rows above',
          fixed(convolutionAt(stem.attributes, [input, ...constants], SKY).result),
        ],
      ],
    ),
  };
}
