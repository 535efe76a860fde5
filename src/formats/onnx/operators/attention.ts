import { text } from '../../../operators/checks';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL } from '../types';
import { add, binary, div, mul, scalar, sub, unary } from './arithmetic';

/** Scaled dot-product attention. Vaswani et al. 2017, section 3.2. */

export interface AttentionOptions {
  readonly scale: number;
  readonly isCausal: boolean;
  /** Keys that were there before the first query: a causal mask begins behind them. */
  readonly before?: number;
  /** Scores are squeezed into ±softcap; 0 leaves them. */
  readonly softcap?: number;
  /** Added to the scores, or where it is false the key is not seen. */
  readonly masks: readonly Value[];
}

/**
 * @param q `[N, H, L, D]`
 * @param k `[N, H, S, D]`
 * @param v `[N, H, S, DV]`
 * @returns the result `[N, H, L, DV]`, and the scores at each stage: products, capped, masked, probabilities
 */
export function attend(node: NodeContext, q: Value, k: Value, v: Value, options: AttentionOptions) {
  const [queries, keys] = [q.shape[2], k.shape[2]];
  const products = node.emit('matmul', [mul(node, q, options.scale), node.transpose(k, [0, 1, 3, 2])], {});
  const cap = options.softcap ?? 0;
  const capped = cap > 0 ? mul(node, unary(node, 'tanh', div(node, products, cap)), cap) : products;
  const causal = options.isCausal ? [causalMask(node, queries, keys, options.before ?? 0)] : [];
  const masked = [...options.masks, ...causal].reduce((scores, mask) => applyMask(node, scores, mask), capped);
  const probabilities = node.emit('softmax', [masked], { axis: 3, log: false });
  const y = node.emit('matmul', [probabilities, v], {});
  return { y, stages: [products, capped, masked, probabilities] };
}

const MOST_MASKED = 2 ** 24;

function causalMask(node: NodeContext, queries: number, keys: number, before: number): Value {
  if (queries * keys > MOST_MASKED) node.unsupported(`its causal mask is ${queries} × ${keys}`);
  const mask = Tensor.bool([queries, keys]);
  for (let i = 0; i < mask.size; i++) mask.data[i] = Number((i % keys) - before <= Math.floor(i / keys));
  return node.constant(mask);
}

function applyMask(node: NodeContext, scores: Value, mask: Value): Value {
  if (mask.type !== BOOL) return add(node, scores, mask);
  return node.emit('where', [mask, scores, scalar(node, -Infinity, scores)], {});
}

/** `[N, L, H·D]` as `[N, H, L, D]`. */
export function splitHeads(node: NodeContext, x: Value, heads: number): Value {
  if (x.shape.length === 4) return x;
  const [batch, length, width] = x.shape;
  if (x.shape.length !== 3 || heads < 1 || width % heads !== 0) {
    node.malformed(`input ${text(x.shape)} does not split into ${heads} heads`);
  }
  return node.transpose(node.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** `[N, H, L, D]` as `[N, L, H·D]`. */
export function joinHeads(node: NodeContext, x: Value): Value {
  const [batch, heads, length, width] = x.shape;
  return node.reshape(node.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/** Each head of keys or values for the group of query heads that share it. Ainslie et al. 2023. */
function repeatHeads(node: NodeContext, x: Value, heads: number): Value {
  const [batch, own, length, width] = x.shape;
  if (own === heads) return x;
  if (heads % own !== 0) node.malformed(`${heads} heads of queries cannot share ${own} heads of keys`);
  const repeated = node.expand(node.reshape(x, [batch, own, 1, length, width]), [
    batch,
    own,
    heads / own,
    length,
    width,
  ]);
  return node.reshape(repeated, [batch, heads, length, width]);
}

export const behind = (node: NodeContext, past: Value | undefined, x: Value): Value =>
  past && past.shape[2] > 0 ? node.emit('concat', [past, x], { axis: 2 }) : x;

/** Whether a key lies before the number of keys that each picture has: lengths `[N]` as booleans `[N, S]`. */
export function keysBefore(node: NodeContext, lengths: Value, keys: number): Value {
  const places = node.constant(
    Tensor.int32(
      [1, keys],
      Array.from({ length: keys }, (_, i) => i),
    ),
    lengths.type,
  );
  return binary(node, 'less', places, node.reshape(lengths, [lengths.shape[0], 1]));
}

/** A mask shorter than the keys sees none of the rest. */
function padMask(node: NodeContext, mask: Value, keys: number): Value {
  const missing = keys - mask.shape[mask.shape.length - 1];
  if (mask.shape[mask.shape.length - 1] === 1 || missing <= 0) return mask;
  const after = mask.shape.map((_, axis) => (axis === mask.shape.length - 1 ? missing : 0));
  const value = mask.type === BOOL ? 0 : -Infinity;
  return node.emit('pad', [mask], { mode: 'constant', before: after.map(() => 0), after, value });
}

/** `Attention` of opset 23: inputs q, k, v, mask?, past keys?, past values?; of rank 4, or of rank 3 with all heads. */
function attention(node: NodeContext): readonly Value[] {
  const [q, k, v] = [node.input(0), node.input(1), node.input(2)];
  const isFlat = q.shape.length === 3;
  const query = splitHeads(node, q, node.int('q_num_heads', 0));
  const keyHeads = node.int('kv_num_heads', 0);
  const pastLength = node.optional(4)?.shape[2] ?? 0;
  const key = behind(node, node.optional(4), splitHeads(node, k, keyHeads));
  const value = behind(node, node.optional(5), splitHeads(node, v, keyHeads));
  const heads = query.shape[1];
  const [mask, lengths] = [node.optional(3), node.optional(6)];
  const seen = lengths && node.reshape(keysBefore(node, lengths, key.shape[2]), [q.shape[0], 1, 1, key.shape[2]]);
  const { y, stages } = attend(node, query, repeatHeads(node, key, heads), repeatHeads(node, value, heads), {
    scale: node.float('scale', 1 / Math.sqrt(query.shape[3])),
    isCausal: node.flag('is_causal'),
    before: pastLength,
    softcap: node.float('softcap', 0),
    masks: [mask && padMask(node, mask, key.shape[2]), seen].filter((m) => m !== undefined),
  });
  const mode = node.int('qk_matmul_output_mode', 0);
  const stage = stages[mode] ?? node.malformed(`qk_matmul_output_mode is ${mode}, expected 0 to 3`);
  return [isFlat ? joinHeads(node, y) : y, key, value, stage];
}

/**
 * `RotaryEmbedding`: turns pairs of features by an angle that follows from the position. Su et al. 2021, section 3.4.
 *
 * inputs: x, cosines, sines, positions?
 */
function rotaryEmbedding(node: NodeContext): Value {
  const x = node.input(0);
  const isFlat = x.shape.length === 3;
  const heads = splitHeads(node, x, node.int('num_heads', 0));
  const [batch, , length, width] = heads.shape;
  const rotated = node.int('rotary_embedding_dim', 0) || width;
  const half = rotated / 2;
  const positions = node.optional(3);
  const table = (index: number): Value => {
    const all = node.input(index);
    const rows = positions ? node.emit('gather', [all, positions], { axis: 0 }) : all;
    return node.reshape(rows, [rows.shape[0] === batch ? batch : 1, 1, length, half]);
  };
  const [cos, sin] = [table(1), table(2)];
  const isInterleaved = node.flag('interleaved');
  const part = (first: number, count: number, step: number): Value =>
    node.emit('slice', [heads], {
      starts: [0, 0, 0, first],
      steps: [1, 1, 1, step],
      sizes: heads.shape.with(3, count),
    });
  const [a, b] = isInterleaved ? [part(0, half, 2), part(1, half, 2)] : [part(0, half, 1), part(half, half, 1)];
  const turned = [sub(node, mul(node, a, cos), mul(node, b, sin)), add(node, mul(node, a, sin), mul(node, b, cos))];
  const pair = isInterleaved ? turned.map((t) => node.reshape(t, [...t.shape, 1])) : turned;
  const joined = node.reshape(
    node.emit('concat', pair, { axis: pair[0].shape.length - 1 }),
    heads.shape.with(3, rotated),
  );
  const y = rotated === width ? joined : node.emit('concat', [joined, part(rotated, width - rotated, 1)], { axis: 3 });
  return isFlat ? joinHeads(node, y) : y;
}

export const attentions: Readonly<Record<string, OperatorImporter>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
