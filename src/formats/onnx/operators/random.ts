import { type Shape, sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { FLOAT, INT32 } from '../types';
import { binary, cast, elementTypeOf, sub, unary } from './arithmetic';

/**
 * Random numbers are drawn when the file is read and are the same for every run, so that a network's answers can be
 * compared. The same seed gives the same numbers; no two engines agree on which.
 */

const MOST_NUMBERS = 2 ** 22;

/** Uniform in [0, 1). Mulberry32, Tommy Ettinger 2017. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller 1958. */
const normal = (uniform: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Nodes without a seed are seeded by their names. FNV-1a. */
const hashOf = (name: string): number =>
  [...name].reduce((hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193), 0x811c9dc5);

function seedOf(node: NodeContext): number {
  if (!node.has('seed')) return hashOf(node.name);
  // A float of which every bit counts.
  return new Int32Array(Float32Array.of(node.float('seed', 0)).buffer)[0];
}

type Distribution = (node: NodeContext, uniform: () => number) => () => number;

const draw =
  (distribution: Distribution, isLike: boolean): OperatorImporter =>
  (node): Value => {
    const shape = isLike ? node.input(0).shape : (node.ints('shape') ?? node.malformed('shape is missing'));
    const type = elementTypeOf(node, 'dtype', isLike ? node.input(0).type : FLOAT);
    const size = sizeOf(shape);
    if (size > MOST_NUMBERS) return node.unsupported(`it draws ${size} numbers, and the most is ${MOST_NUMBERS}`);
    const next = distribution(node, mulberry32(seedOf(node)));
    return node.constant(Tensor.float32(shape, Float32Array.from({ length: size }, next)), type);
  };

const gaussian: Distribution = (node, uniform) => {
  const [mean, scale] = [node.float('mean', 0), node.float('scale', 1)];
  return () => mean + scale * normal(uniform);
};

const even: Distribution = (node, uniform) => {
  const [low, high] = [node.float('low', 0), node.float('high', 1)];
  return () => low + (high - low) * uniform();
};

/** Numbers in [0, 1) for each element. */
function uniforms(node: NodeContext, shape: Shape): Value {
  const numbers = node.table(shape);
  const next = mulberry32(seedOf(node));
  for (let i = 0; i < numbers.size; i++) numbers.data[i] = next();
  return node.constant(numbers);
}

/** 1 with the probability that the input gives. */
function bernoulli(node: NodeContext): Value {
  const x = node.input(0);
  const isOne = binary(node, 'less', uniforms(node, x.shape), x);
  return cast(node, isOne, elementTypeOf(node, 'dtype', x.type));
}

/** Classes by the logarithms of their probabilities: the greatest one when Gumbel's noise is added. Gumbel 1954. */
function multinomial(node: NodeContext): Value {
  const x = node.input(0);
  const [batch, classes] = x.shape;
  const noise = uniforms(node, [batch, node.int('sample_size', 1), classes]);
  const doubleLog = unary(node, 'log', unary(node, 'neg', unary(node, 'log', noise)));
  const noisy = sub(node, node.reshape(x, [batch, 1, classes]), doubleLog);
  const type = elementTypeOf(node, 'dtype', INT32);
  const found = node.emit('argmax', [noisy], { fn: 'argmax', axis: 2, keepDims: false, selectLast: false });
  return cast(node, found, type);
}

export const randoms: Readonly<Record<string, OperatorImporter>> = {
  Bernoulli: bernoulli,
  Multinomial: multinomial,
  RandomNormal: draw(gaussian, false),
  RandomNormalLike: draw(gaussian, true),
  RandomUniform: draw(even, false),
  RandomUniformLike: draw(even, true),
};
