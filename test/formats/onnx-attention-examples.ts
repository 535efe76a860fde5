import { bytes, floats, model, node, wave } from './onnx-example-parts';
import { BOOL, type ModelSpec, type NodeSpec } from './onnx-file';

/** Attention of opset 23, and the operators that ONNX Runtime's optimiser writes. */

const fused = (op: string, inputs: string, outputs: string, attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  ...node(op, inputs, outputs, attributes),
  domain: 'com.microsoft',
});

const UINT8 = 2;
const pattern = (length: number): number[] => Array.from({ length }, (_, i) => (i * 37 + 11) % 256);

export const ATTENTION_MODELS: readonly (readonly [name: string, model: ModelSpec])[] = [
  [
    'Attention of opset 23: a mask of booleans, a mask that is added, causal, all heads in one axis, shared keys',
    model(
      23,
      [2, 5, 24],
      [
        node('Attention', 'x k v seen', 'a', { q_num_heads: 4, kv_num_heads: 2 }),
        node('Attention', 'x k v added', 'b', { q_num_heads: 4, kv_num_heads: 2, scale: { f: 0.3 } }),
        node('Attention', 'x k v', 'c', { q_num_heads: 4, kv_num_heads: 2, is_causal: 1 }),
        node('Attention', 'x k v', 'd', { q_num_heads: 4, kv_num_heads: 2, softcap: { f: 2 } }),
        node('Attention', 'x k v added', 'f - - g', {
          q_num_heads: 4,
          kv_num_heads: 2,
          softcap: { f: 2 },
          qk_matmul_output_mode: 1,
        }),
        node('Reshape', 'x four', 'q'),
        node('Attention', 'q q q', 'e'),
      ],
      [
        wave('k', [2, 6, 12]),
        wave('v', [2, 6, 8]),
        bytes('seen', BOOL, [5, 6], ...Array.from({ length: 30 }, (_, i) => Number(i % 4 !== 1))),
        wave('added', [1, 4, 5, 6], 2),
        { name: 'four', type: 7, dims: [4], int64s: [2, 5, 4, 6] },
      ],
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    ),
  ],
  [
    'RotaryEmbedding: halves and interleaved pairs, of a part of each head, by positions and in order',
    model(
      23,
      [2, 4, 16],
      [
        node('RotaryEmbedding', 'x cos sin at', 'a', { num_heads: 2 }),
        node('RotaryEmbedding', 'x cos sin at', 'b', { num_heads: 2, interleaved: 1 }),
        node('RotaryEmbedding', 'x cos2 sin2 at', 'c', { num_heads: 2, rotary_embedding_dim: 4 }),
      ],
      [
        wave('cos', [7, 4]),
        wave('sin', [7, 4], 0.5),
        wave('cos2', [7, 2]),
        wave('sin2', [7, 2]),
        { name: 'at', type: 7, dims: [2, 4], int64s: [0, 2, 4, 6, 1, 1, 3, 5] },
      ],
      ['a', 'b', 'c'],
    ),
  ],
  [
    'fused convolutions with their activations and an added picture',
    model(
      17,
      [1, 3, 5, 6],
      [
        fused('FusedConv', 'x w b', 'a', { activation: 'Relu', pads: [1, 1, 1, 1] }),
        fused('FusedConv', 'a v', 'c', { activation: 'LeakyRelu', activation_params: { fs: [0.2] } }),
        fused('FusedConv', 'a v b c', 'd', { activation: 'Relu' }),
        fused('FusedConv', 'd v', 'e', { activation: 'Clip', activation_params: { fs: [-0.5, 0.75] } }),
        fused('FusedConv', 'e v', 'f', { activation: 'HardSigmoid', activation_params: { fs: [0.3, 0.4] } }),
        fused('FusedConv', 'f v b', 'y', { activation: 'Sigmoid' }),
      ],
      [wave('w', [4, 3, 3, 3]), wave('v', [4, 4, 1, 1]), wave('b', [4])],
    ),
  ],
  [
    'fused products: scaled, transposed, with the batch between, and with an activation',
    model(
      17,
      [2, 3, 4, 5],
      [
        fused('FusedMatMul', 'x w', 'a', { alpha: { f: 0.25 }, transB: 1 }),
        fused('FusedMatMul', 'x x', 'b', { transA: 1, alpha: { f: 2 } }),
        fused('FusedMatMul', 'x x', 'c', { transBatchA: 1, transBatchB: 1, transB: 1 }),
        node('Reshape', 'x flat', 'f'),
        fused('FusedGemm', 'f g bias', 'd', {
          activation: 'LeakyRelu',
          activation_alpha: { f: 0.3 },
          alpha: { f: 0.5 },
        }),
      ],
      [wave('w', [6, 5]), { name: 'flat', type: 7, dims: [2], int64s: [6, 20] }, wave('g', [20, 3]), wave('bias', [3])],
      ['a', 'b', 'c', 'd'],
    ),
  ],
  [
    'fused activations and normalisations, with the sum that they normalise',
    model(
      17,
      [2, 3, 8],
      [
        fused('Gelu', 'x', 'a'),
        fused('QuickGelu', 'x', 'b', { alpha: { f: 1.5 } }),
        fused('BiasGelu', 'x beta', 'c'),
        fused('FastGelu', 'x beta', 'd'),
        fused('SkipLayerNormalization', 'x c gamma beta bias', 'e - - s', { epsilon: { f: 1e-5 } }),
        fused('SkipSimplifiedLayerNormalization', 'x c gamma', 'f', { epsilon: { f: 1e-5 } }),
        node('SimplifiedLayerNormalization', 'x gamma', 'g', { axis: -1, epsilon: { f: 1e-5 } }),
      ],
      [wave('beta', [8]), wave('gamma', [8]), wave('bias', [8])],
      ['a', 'b', 'c', 'd', 'e', 's', 'f', 'g'],
    ),
  ],
  [
    'MultiHeadAttention with a bias and added scores, and Attention with its own dense layer',
    model(
      17,
      [2, 4, 12],
      [
        fused('MultiHeadAttention', 'x k v bias - scores', 'a', { num_heads: 3 }),
        fused('MultiHeadAttention', 'x x x', 'b', { num_heads: 2, scale: { f: 0.2 }, unidirectional: 1 }),
        fused('Attention', 'x w wide', 'c', { num_heads: 3 }),
      ],
      [
        wave('k', [2, 5, 12]),
        wave('v', [2, 5, 12]),
        wave('bias', [36]),
        wave('scores', [2, 3, 4, 5]),
        wave('w', [12, 36]),
        wave('wide', [36]),
      ],
      ['a', 'b', 'c'],
    ),
  ],
  [
    'MatMulNBits: weights of 4 and 8 bits, with zero points and without, the last block not full, and a bias',
    model(
      17,
      [2, 3, 40],
      [
        fused('MatMulNBits', 'x q4 s z4 - b', 'a', { K: 40, N: 5, bits: 4, block_size: 16 }),
        fused('MatMulNBits', 'x q4 s', 'c', { K: 40, N: 5, bits: 4, block_size: 16 }),
        fused('MatMulNBits', 'x q8 s z8', 'd', { K: 40, N: 5, bits: 8, block_size: 16 }),
      ],
      [
        bytes('q4', UINT8, [5, 3, 8], ...pattern(120)),
        bytes('q8', UINT8, [5, 3, 16], ...pattern(240)),
        floats('s', ...Array.from({ length: 15 }, (_, i) => 0.01 * (i + 1))),
        bytes('z4', UINT8, [10], ...pattern(10)),
        bytes('z8', UINT8, [15], ...pattern(15)),
        wave('b', [5]),
      ],
      ['a', 'c', 'd'],
    ),
  ],
  [
    'MultiHeadAttention with its padding hidden for each key and for each pair, and with keys from before',
    model(
      17,
      [2, 4, 12],
      [
        fused('MultiHeadAttention', 'x k v bias seen', 'a', { num_heads: 3 }),
        fused('MultiHeadAttention', 'x k v - pairs', 'b', { num_heads: 3 }),
        fused('MultiHeadAttention', 'x x x - - - pk pv', 'c ck cv', { num_heads: 3, unidirectional: 1 }),
      ],
      [
        wave('k', [2, 5, 12]),
        wave('v', [2, 5, 12]),
        wave('bias', [36]),
        bytes('seen', 6, [2, 5], 1, 1, 1, 0, 0, 1, 1, 1, 1, 0),
        bytes('pairs', 6, [2, 4, 5], ...Array.from({ length: 40 }, (_, i) => Number(i % 3 !== 1))),
        wave('pk', [2, 3, 3, 4]),
        wave('pv', [2, 3, 3, 4]),
      ],
      ['a', 'b', 'c', 'ck', 'cv'],
    ),
  ],
  [
    'Attention with a mask, with the lengths of its sequences, and with keys from before',
    model(
      17,
      [2, 4, 12],
      [
        fused('Attention', 'x w b seen', 'a', { num_heads: 3 }),
        fused('Attention', 'x w b lengths', 'c', { num_heads: 3 }),
        fused('Attention', 'x w b pairs past', 'd present', { num_heads: 3, unidirectional: 1 }),
      ],
      [
        wave('w', [12, 36]),
        wave('b', [36]),
        bytes('seen', 6, [2, 4], 1, 1, 1, 0, 1, 1, 0, 0),
        bytes('lengths', 6, [2], 3, 2),
        bytes('pairs', 6, [2, 4, 7], ...Array.from({ length: 56 }, (_, i) => Number(i % 5 !== 1))),
        wave('past', [2, 2, 3, 3, 4]),
      ],
      ['a', 'c', 'd', 'present'],
    ),
  ],
];
