import { UNARY_FUNCTIONS, type UnaryAttributes, type UnaryFunction } from '../../../src/operators/unary';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

const chain = (
  name: string,
  functions: readonly UnaryAttributes[],
  input: Shape | Tensor,
  rest: Partial<KernelCase<'unary-chain'>> = {},
): KernelCase<'unary-chain'> => ({ name, op: 'unary-chain', attributes: { functions }, inputs: [input], ...rest });

const of = (fn: UnaryFunction, alpha = 0.3, beta = 0.8): UnaryAttributes => ({ fn, alpha, beta });
const several = [of('leaky-relu', 0.5), of('clip', -0.4, 0.6), of('sigmoid'), of('neg')];
const extremes = Tensor.float32([8], [Number.NaN, Infinity, -Infinity, 200, -200, 0, 3e38, -3e38]);

export const cases: readonly KernelCase<'unary-chain'>[] = [
  chain('parameters of their own, and an order that counts', several, [3, 5, 7]),
  chain('functions that do not keep zero, on channels that are no multiple of 4', several, [2, 6, 3, 5]),
  chain('functions that keep zero, there too', [of('abs'), of('sqrt'), of('tanh')], [2, 6, 3, 5]),
  chain('a part of a larger image', several, [2, 8, 3, 5], { isPart: true }),
  chain('one function', [of('exp')], [9]),
  chain(
    'sixty-four functions',
    Array.from({ length: 64 }, (_, i) => of(i % 2 === 0 ? 'sin' : 'neg')),
    [41],
  ),
  chain('more vec4s than one dimension of the grid takes', several, [43, 41], { workgroupLimit: 6 }),
  chain('NaN, infinities and large numbers', [of('abs'), of('sqrt'), of('neg'), of('elu', 1)], extremes),
  chain('a test for NaN within', [of('is-nan'), of('neg')], extremes),
  ...UNARY_FUNCTIONS.filter((fn) => !['asin', 'acos', 'acosh', 'atanh', 'log', 'sqrt', 'reciprocal'].includes(fn)).map(
    (fn) => chain(`${fn} of a negation`, [of('neg'), of(fn)], [5, 7]),
  ),
];
