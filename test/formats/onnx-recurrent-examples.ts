import { model, node, wave } from './onnx-example-parts';
import type { ModelSpec } from './onnx-file';

/** Recurrent layers over five steps, of a batch of two, with three inputs and four hidden numbers. */
export const RECURRENT_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'LSTM in both directions with biases and first states; backwards without',
    model(
      14,
      [5, 2, 3],
      [
        node('LSTM', 'x w r b - h c', 'y yh yc', { hidden_size: 4, direction: 'bidirectional' }),
        node('LSTM', 'x w1 r1', 'z zh', { hidden_size: 4, direction: 'reverse' }),
        node('Concat', 'yh yc zh', 'last', { axis: 0 }),
      ],
      [
        wave('w', [2, 16, 3]),
        wave('r', [2, 16, 4]),
        wave('b', [2, 32]),
        wave('h', [2, 2, 4]),
        wave('c', [2, 2, 4], 2),
        wave('w1', [1, 16, 3]),
        wave('r1', [1, 16, 4], 0.5),
      ],
      ['y', 'z', 'last'],
    ),
  ],
  [
    'GRU with its reset before and behind the product, in both directions',
    model(
      14,
      [5, 2, 3],
      [
        node('GRU', 'x w r b', 'y yh', { hidden_size: 4, direction: 'bidirectional', linear_before_reset: 1 }),
        node('GRU', 'x w r b', 'z', { hidden_size: 4, direction: 'bidirectional' }),
      ],
      [wave('w', [2, 12, 3]), wave('r', [2, 12, 4]), wave('b', [2, 24])],
      ['y', 'yh', 'z'],
    ),
  ],
  [
    'RNN with another activation, and of a single step',
    model(
      14,
      [5, 2, 3],
      [
        node('RNN', 'x w r b', 'y yh', { hidden_size: 4, activations: { words: ['Relu'] } }),
        node('ReduceMean', 'x', 'one', { axes: [0] }),
        node('RNN', 'one w r', 'z', { hidden_size: 4 }),
      ],
      [wave('w', [1, 4, 3]), wave('r', [1, 4, 4], 0.5), wave('b', [1, 8])],
      ['y', 'yh', 'z'],
    ),
  ],
];
