import { text } from '../../../operators/checks';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { FLOAT } from '../types';
import { add, cast, mul, sub } from './arithmetic';
import { attend, behind, joinHeads, keysBefore, sightMask, splitHeads } from './attention';
import { matmul } from './matrix';

/** Attention as ONNX Runtime's optimiser writes it, in the domain `com.microsoft`. */

/**
 * Keys that are not seen, as numbers that are added to the scores `[N, H, L, S]`.
 *
 * @param mask `[N, S]` or `[N, L, S]`, where 0 hides a key, or `[N]`, the number of keys of each picture
 */
function hiddenKeys(node: NodeContext, mask: Value, [batch, , queries]: readonly number[], keys: number): Value {
  const filter = -node.float('mask_filter_value', -10000);
  const hidden = (seen: Value, shape: readonly number[]): Value =>
    node.reshape(mul(node, sub(node, cast(node, seen, FLOAT), 1), filter), shape);
  switch (mask.shape.join()) {
    case [batch, keys].join():
      return hidden(mask, [batch, 1, 1, keys]);
    case [batch, queries, keys].join():
      return hidden(mask, [batch, 1, queries, keys]);
    case [batch].join():
      return hidden(keysBefore(node, mask, keys), [batch, 1, 1, keys]);
  }
  return node.unsupported(`its mask has shape ${text(mask.shape)}`);
}

/** Attention of heads `[N, H, L, D]` as the node's attributes have it, with a mask and, from its input 5, scores of its own. */
function attended(node: NodeContext, query: Value, key: Value, value: Value, mask: Value | undefined): Value {
  const keys = key.shape[2];
  const sight = { before: keys - query.shape[2], left: Infinity, right: 0 };
  const masks = [
    mask && hiddenKeys(node, mask, query.shape, keys),
    node.optional(5),
    node.flag('unidirectional') ? sightMask(node, query.shape[2], keys, sight) : undefined,
  ];
  const { y } = attend(node, query, key, value, {
    scale: node.float('scale', 0) || 1 / Math.sqrt(query.shape[3]),
    masks: masks.filter((added) => added !== undefined),
  });
  return joinHeads(node, y);
}

/** The parts of `[N, L, H, P, D]`, each `[N, H, L, D]`. */
function unpacked(node: NodeContext, x: Value): Value[] {
  const [batch, length, heads, parts, width] = x.shape;
  const list = node.emitAll('split', [x], { axis: 3, sizes: new Array(parts).fill(1) });
  return list.map((part) => node.transpose(node.reshape(part, [batch, length, heads, width]), [0, 2, 1, 3]));
}

/**
 * Queries, keys and values as they come out of their dense layers: three inputs, keys and values packed in one
 * `[N, S, H, 2, D]`, or all three in one `[N, L, H, 3, D]`.
 *
 * inputs: q, k?, v?, bias?, padding?, scores?, past keys?, past values?
 */
function multiHeadAttention(node: NodeContext): readonly Value[] {
  const heads = node.int('num_heads', 0);
  const bias = node.optional(3);
  const [q, k, v] = queriesKeysValues(node, heads);
  const [width, valueWidth] = [heads * q.shape[3], heads * v.shape[3]];
  const withBias = (x: Value, first: number, length: number): Value => {
    if (!bias) return x;
    const own = node.emit('slice', [bias], { starts: [first], steps: [1], sizes: [length] });
    return add(node, x, node.reshape(own, [1, heads, 1, length / heads]));
  };
  // Keys of rank 4 come from a cache, behind their bias.
  const isCached = node.optional(1)?.shape.length === 4;
  const query = withBias(q, 0, width);
  const key = behind(node, node.optional(6), isCached ? k : withBias(k, width, width));
  const value = behind(node, node.optional(7), isCached ? v : withBias(v, 2 * width, valueWidth));
  return [attended(node, query, key, value, node.optional(4)), key, value];
}

function queriesKeysValues(node: NodeContext, heads: number): readonly Value[] {
  const [q, k, v] = [node.input(0), node.optional(1), node.optional(2)];
  const isPacked = (x: Value, parts: number): boolean =>
    x.shape.length === 5 && x.shape[2] === heads && x.shape[3] === parts;
  if (!k && isPacked(q, 3)) return unpacked(node, q);
  if (k && !v && isPacked(k, 2)) return [splitHeads(node, q, heads), ...unpacked(node, k)];
  if (k && v) return [q, k, v].map((x) => splitHeads(node, x, heads));
  const shapes = [q, k, v].map((x) => (x ? text(x.shape) : 'nothing')).join(', ');
  return node.malformed(`queries, keys and values are ${shapes}, with ${heads} heads`);
}

/** Attention with the dense layer of queries, keys and values inside; inputs x, weight, bias?, mask?, past?, scores? */
function packedAttention(node: NodeContext): readonly Value[] {
  const [x, weight, bias] = [node.input(0), node.weight(node.input(1)), node.optional(2)];
  if (node.flag('do_rotary')) return node.unsupported('it has rotary positions', x);
  const total = weight.shape[1];
  const sizes = node.ints('qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  const product = matmul(node, x, weight);
  const all = bias ? add(node, product, bias) : product;
  const [q, k, v] = node
    .emitAll('split', [all], { axis: all.shape.length - 1, sizes })
    .map((part) => splitHeads(node, part, node.int('num_heads', 0)));
  // [2, N, H, P, D]: keys, then values.
  const past = node.optional(4);
  const cached = past && node.emitAll('split', [past], { axis: 0, sizes: [1, 1] });
  const [key, value] = [k, v].map((own, i) =>
    behind(node, cached && node.reshape(cached[i], past.shape.slice(1)), own),
  );
  const y = attended(node, q, key, value, node.optional(3));
  if (!node.wants(1)) return [y];
  const present = [key, value].map((part) => node.reshape(part, [1, ...part.shape]));
  return [y, node.emit('concat', present, { axis: 0 })];
}

export const attentionsByRuntime: Readonly<Record<string, OperatorImporter>> = {
  MultiHeadAttention: multiHeadAttention,
  Attention: packedAttention,
};
