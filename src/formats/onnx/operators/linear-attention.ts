import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, mul, sub, unary, zerosAtRun } from './arithmetic';
import { joinHeads, repeatHeads, splitHeads } from './attention';

/** Layers that keep a state of fixed size instead of all keys: linear attention, and the convolution before it. */

const MOST_STEPS = 1024;

/**
 * Keys and values in one matrix per head, `[N, H, D, DV]`, updated step after step. Katharopoulos et al. 2020; with a
 * decay, Yang et al. 2024; with the delta rule, Schlag et al. 2021.
 *
 * inputs: q, k, v `[N, T, H·D]`, state?, decay in logarithms `[N, T, H·D or H]`?, rates `[N, T, H or 1]`?
 */
function linearAttention(node: NodeContext): readonly Value[] {
  const [heads, keyHeads] = [node.int('q_num_heads', 0), node.int('kv_num_heads', 0)];
  const query = splitHeads(node, node.input(0), heads);
  const [key, value] = [1, 2].map((i) => splitHeads(node, node.input(i), keyHeads));
  const [batch, , steps, depth] = query.shape;
  const width = value.shape[3];
  const { isGated, isDelta } = node.choice('update_rule', 'gated_delta', {
    linear: { isGated: false, isDelta: false },
    gated: { isGated: true, isDelta: false },
    delta: { isGated: false, isDelta: true },
    gated_delta: { isGated: true, isDelta: true },
  });
  if (steps > MOST_STEPS) {
    const instead = [
      zerosAtRun(node, [batch, steps, heads * width]),
      zerosAtRun(node, [batch, keyHeads, depth, width]),
    ];
    node.unsupported(`it runs ${steps} steps, and the most is ${MOST_STEPS}`, ...instead);
  }
  const [past, logDecay, rates] = [node.optional(3), node.optional(4), node.optional(5)];
  const perHead = (x: Value, of: number): Value => splitHeads(node, x, x.shape[2] === 1 ? 1 : of);
  const decay = isGated ? unary(node, 'exp', perHead(logDecay ?? node.input(4), keyHeads)) : undefined;
  const rate = isDelta ? perHead(rates ?? node.input(5), keyHeads) : undefined;
  const scale = node.float('scale', 0) || 1 / Math.sqrt(depth);
  /** Step `t` of `[N, H, T, D]` as `[N, H, 1, D]`. */
  const step = (x: Value, t: number): Value =>
    node.emit('slice', [x], { starts: [0, 0, t, 0], steps: [1, 1, 1, 1], sizes: x.shape.with(2, 1) });
  const turned = (x: Value): Value => node.transpose(x, [0, 1, 3, 2]);
  let state = past ?? zerosAtRun(node, [batch, keyHeads, depth, width]);
  const results: Value[] = [];
  for (let t = 0; t < steps; t++) {
    const [k, v] = [step(key, t), step(value, t)];
    if (decay) state = mul(node, state, turned(step(decay, t)));
    const news = rate ? mul(node, sub(node, v, node.emit('matmul', [k, state], {})), step(rate, t)) : v;
    state = add(node, state, node.emit('matmul', [turned(k), news], {}));
    results.push(node.emit('matmul', [step(query, t), repeatHeads(node, state, heads)], {}));
  }
  const y = results.length === 1 ? results[0] : node.emit('concat', results, { axis: 2 });
  return [joinHeads(node, mul(node, y, scale)), { ...state, type: past?.type ?? query.type }];
}

/**
 * A convolution `[N, C, L]` of each channel that sees what came before alone. What the next call sees of this one is the
 * second output.
 *
 * inputs: x, weight `[C, 1, K]`, bias?, the K - 1 samples before x?
 */
function causalConvolution(node: NodeContext): readonly Value[] {
  const [x, weight, bias, past] = [node.input(0), node.weight(node.input(1)), node.optional(2), node.optional(3)];
  const [batch, channels] = x.shape;
  const size = weight.shape[2];
  if (x.shape.length !== 3 || weight.shape.join() !== [channels, 1, size].join()) {
    node.malformed(`weight ${text(weight.shape)} does not fit ${text(x.shape)}`);
  }
  const isSwish = node.choice('activation', 'none', { none: false, silu: true, swish: true });
  const before = past ?? zerosAtRun(node, [batch, channels, size - 1]);
  const all = size === 1 ? x : node.emit('concat', [before, x], { axis: 2 });
  const length = all.shape[2];
  const y = node.emit(
    'conv2d',
    [
      node.reshape(all, [batch, channels, 1, length]),
      node.reshape(weight, [channels, 1, 1, size]),
      bias ? node.weight(bias) : node.weight(zerosAtRun(node, [channels])),
    ],
    { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: channels },
  );
  const flat = node.reshape({ ...y, type: x.type }, x.shape);
  const last = { starts: [0, 0, length - size + 1], steps: [1, 1, 1], sizes: [batch, channels, size - 1] };
  return [isSwish ? unary(node, 'silu', flat, 1) : flat, node.emit('slice', [all], last, x.type)];
}

export const linearAttentions: Readonly<Record<string, OperatorImporter>> = {
  LinearAttention: linearAttention,
  CausalConvWithState: causalConvolution,
};
