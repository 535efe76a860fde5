import { text } from '../../../operators/checks';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL } from '../types';
import { add, binary, div, mul, scalar, sub, unary } from './arithmetic';

/** Scaled dot-product attention. Vaswani et al. 2017, section 3.2. */

export interface AttentionOptions {
  readonly scale: number;
  /** Scores are squeezed into ±softcap; 0 leaves them. */
  readonly softcap?: number;
  /** Which keys a query sees, or numbers that are added to the scores. */
  readonly masks: readonly Value[];
}

/**
 * @param q `[N, H, L, D]`
 * @param k `[N, H, S, D]`
 * @param v `[N, H, S, DV]`
 * @returns the result `[N, H, L, DV]`, and the scores at each stage: products, capped, masked, probabilities
 */
export function attend(node: NodeContext, q: Value, k: Value, v: Value, options: AttentionOptions) {
  const products = node.emit('matmul', [mul(node, q, options.scale), node.transpose(k, [0, 1, 3, 2])], {});
  const cap = options.softcap ?? 0;
  const capped = cap > 0 ? mul(node, unary(node, 'tanh', div(node, products, cap)), cap) : products;
  const bias = biasOf(node, options.masks);
  const masked = bias ? add(node, capped, bias) : capped;
  const probabilities = node.emit('softmax', [masked], { axis: 3, log: false });
  const blind = bias && blindRows(node, bias);
  /** A query that sees no key gets zeros. */
  const seeing = (x: Value): Value => (blind ? node.emit('where', [blind, scalar(node, 0, x), x], {}) : x);
  const y = seeing(node.emit('matmul', [probabilities, v], {}));
  return { y, stages: [() => products, () => capped, () => masked, () => seeing(probabilities)] };
}

/** All masks as numbers to add to the scores: -Infinity for a key that is not seen. */
function biasOf(node: NodeContext, masks: readonly Value[]): Value | undefined {
  const [flags, numbers] = [masks.filter((mask) => mask.type === BOOL), masks.filter((mask) => mask.type !== BOOL)];
  const [seen, ...otherFlags] = flags;
  const [added, ...otherNumbers] = numbers;
  const sum = added && otherNumbers.reduce((a, b) => add(node, a, b), added);
  if (!seen) return sum;
  const seenByAll = otherFlags.reduce((a, b) => binary(node, 'and', a, b), seen);
  const none = node.constant(Tensor.float32([], [-Infinity]));
  return node.emit('where', [seenByAll, sum ?? node.constant(Tensor.float32([], [0])), none], {});
}

/** The queries that see no key, `[..., L, 1]`; undefined where it is known that there are none. */
function blindRows(node: NodeContext, bias: Value): Value | undefined {
  const greatest = node.emit('reduce', [bias], { fn: 'max', axes: [bias.shape.length - 1], keepDims: true });
  const blind = binary(node, 'equal', greatest, node.constant(Tensor.float32([], [-Infinity])));
  return node.isConstant(blind) && !node.known(blind)?.data.some(Boolean) ? undefined : blind;
}

const MOST_MASKED = 2 ** 24;

interface Sight {
  /** Keys that lie before the first query: one number, or one of each picture, `[N]`. */
  readonly before: Value | number;
  /** How many keys a query sees before its own place and behind it. */
  readonly left: number;
  readonly right: number;
}

/** Which of `[queries, keys]` a query sees from its place; `[N, 1, queries, keys]` where pictures differ. */
export function sightMask(node: NodeContext, queries: number, keys: number, { before, left, right }: Sight): Value {
  if (queries * keys > MOST_MASKED) node.unsupported(`its mask of places is ${queries} × ${keys}`);
  // How far a key lies behind a query, when no key lies before the first one.
  const distances = Tensor.int32([queries, keys]);
  for (let i = 0; i < distances.size; i++) distances.data[i] = (i % keys) - Math.floor(i / keys);
  if (typeof before === 'number') {
    const seen = distances.data.map((d) => Number(d - before <= right && before - d <= left));
    return node.constant(Tensor.bool([queries, keys], Uint8Array.from(seen)));
  }
  const distance = sub(node, node.constant(distances, before.type), node.reshape(before, [before.shape[0], 1, 1, 1]));
  const bounds = [
    right < keys ? binary(node, 'less-or-equal', distance, scalar(node, right, distance)) : [],
    left < keys + queries ? binary(node, 'greater-or-equal', distance, scalar(node, -left, distance)) : [],
  ].flat();
  return bounds.reduce((a, b) => binary(node, 'and', a, b));
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
export function repeatHeads(node: NodeContext, x: Value, heads: number): Value {
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

/**
 * `Attention` of opset 23: inputs q, k, v, mask?, past keys?, past values?, since opset 24 the number of keys of each
 * picture; of rank 4, or of rank 3 with all heads.
 */
function attention(node: NodeContext): readonly Value[] {
  const [q, k, v] = [node.input(0), node.input(1), node.input(2)];
  const isFlat = q.shape.length === 3;
  const query = splitHeads(node, q, node.int('q_num_heads', 0));
  const keyHeads = node.int('kv_num_heads', 0);
  const key = behind(node, node.optional(4), splitHeads(node, k, keyHeads));
  const value = behind(node, node.optional(5), splitHeads(node, v, keyHeads));
  const [heads, queries, keys] = [query.shape[1], query.shape[2], key.shape[2]];
  const [mask, lengths] = [node.optional(3), node.optional(6)];
  const seen = lengths && node.reshape(keysBefore(node, lengths, keys), [q.shape[0], 1, 1, keys]);
  const before = node.optional(4)?.shape[2] ?? (lengths ? sub(node, lengths, queries) : 0);
  const { y, stages } = attend(node, query, repeatHeads(node, key, heads), repeatHeads(node, value, heads), {
    scale: node.float('scale', 1 / Math.sqrt(query.shape[3])),
    softcap: node.float('softcap', 0),
    masks: [mask && padMask(node, mask, keys), placesSeen(node, queries, keys, before), seen].filter(
      (m) => m !== undefined,
    ),
  });
  const mode = node.int('qk_matmul_output_mode', 0);
  const stage = stages[mode] ?? node.malformed(`qk_matmul_output_mode is ${mode}, expected 0 to 3`);
  return [isFlat ? joinHeads(node, y) : y, key, value, ...(node.wants(3) ? [stage()] : [])];
}

/** The keys that a causal mask and a window let each query see; undefined where it sees all. */
function placesSeen(node: NodeContext, queries: number, keys: number, before: Value | number): Value | undefined {
  const bound = (name: string): number => {
    const size = node.int(name, -1);
    if (size < -1) node.malformed(`${name} is ${size}, expected -1 or more`);
    return size < 0 ? Infinity : size;
  };
  const [left, right] = [bound('left_window_size'), bound('right_window_size')];
  const isCausal = node.flag('is_causal');
  if (!isCausal && left === Infinity && right === Infinity) return undefined;
  return sightMask(node, queries, keys, { before, left, right: isCausal ? 0 : right });
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
