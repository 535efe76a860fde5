import { bytes, model, node, wave } from './onnx-example-parts';
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
  [
    'LSTM with peepholes in both directions, and with its input and forget gates coupled',
    model(
      14,
      [5, 2, 3],
      [
        node('LSTM', 'x w r b - h c p', 'y yh yc', { hidden_size: 4, direction: 'bidirectional' }),
        node('LSTM', 'x w r b - h c', 'z zh zc', { hidden_size: 4, direction: 'bidirectional', input_forget: 1 }),
      ],
      [
        wave('w', [2, 16, 3]),
        wave('r', [2, 16, 4]),
        wave('b', [2, 32]),
        wave('h', [2, 2, 4]),
        wave('c', [2, 2, 4], 2),
        wave('p', [2, 12]),
      ],
      ['y', 'yh', 'yc', 'z', 'zh', 'zc'],
    ),
  ],
  [
    'LSTM, GRU and RNN that clip what they activate',
    model(
      14,
      [5, 2, 3],
      [
        node('LSTM', 'x w r b - - c', 'y - yc', { hidden_size: 4, clip: { f: 0.5 } }),
        node('GRU', 'x wg rg', 'g', { hidden_size: 4, clip: { f: 0.25 } }),
        node('RNN', 'x wr rr', 'e', { hidden_size: 4, clip: { f: 0.75 } }),
      ],
      [
        wave('w', [1, 16, 3]),
        wave('r', [1, 16, 4]),
        wave('b', [1, 32]),
        wave('c', [1, 2, 4], 3),
        wave('wg', [1, 12, 3]),
        wave('rg', [1, 12, 4]),
        wave('wr', [1, 4, 3]),
        wave('rr', [1, 4, 4]),
      ],
      ['y', 'yc', 'g', 'e'],
    ),
  ],
  [
    'sequences of different lengths, in both directions',
    model(
      14,
      [5, 2, 3],
      [
        node('LSTM', 'x w r b lengths', 'y yh yc', { hidden_size: 4, direction: 'bidirectional' }),
        node('GRU', 'x wg rg - lengths', 'g gh', { hidden_size: 4, direction: 'reverse' }),
        node('RNN', 'x wr rr - lengths', 'e eh', { hidden_size: 4 }),
      ],
      [
        wave('w', [2, 16, 3]),
        wave('r', [2, 16, 4]),
        wave('b', [2, 32]),
        wave('wg', [1, 12, 3]),
        wave('rg', [1, 12, 4]),
        wave('wr', [1, 4, 3]),
        wave('rr', [1, 4, 4]),
        bytes('lengths', 6, [2], 3, 5),
      ],
      ['y', 'yh', 'yc', 'g', 'gh', 'e', 'eh'],
    ),
  ],
  [
    'activations with parameters of their own',
    model(
      14,
      [5, 2, 3],
      [
        node('RNN', 'x w r', 'a', {
          hidden_size: 4,
          direction: 'bidirectional',
          activations: { words: ['LeakyRelu', 'HardSigmoid'] },
          activation_alpha: { fs: [0.3, 0.4] },
          activation_beta: { fs: [0.1] },
        }),
        node('RNN', 'x w r', 'b', {
          hidden_size: 4,
          direction: 'bidirectional',
          activations: { words: ['ScaledTanh', 'Elu'] },
          activation_alpha: { fs: [0.7, 0.8] },
          activation_beta: { fs: [1.2] },
        }),
        node('RNN', 'x w r', 'c', {
          hidden_size: 4,
          direction: 'bidirectional',
          activations: { words: ['Affine', 'ThresholdedRelu'] },
          activation_alpha: { fs: [0.2, 0.5] },
          activation_beta: { fs: [0.1] },
        }),
      ],
      [wave('w', [2, 4, 3]), wave('r', [2, 4, 4], 0.3)],
      ['a', 'b', 'c'],
    ),
  ],
];
