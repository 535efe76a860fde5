import { test } from 'vitest';
import { fuseLayerNorm } from '../../../src/graph/passes/fuse-layer-norm';
import { Tensor } from '../../../src/tensor';
import { expectPass, type Net } from '../../support/rewrites';

interface Steps {
  readonly axes?: readonly number[];
  readonly vector?: readonly number[];
  readonly power?: number;
  readonly spread?: 'div' | 'mul';
}

/** Normalises x [2, 4, 5, 6] over its last axis, or others. */
const layerNorm =
  ({ axes = [3], vector = [6], power = 2, spread = 'div' }: Steps = {}) =>
  (net: Net, x: string): string => {
    const mean = (of: string, name: string): string =>
      net.add('reduce', [of], { fn: 'mean', axes, keepDims: true }, name)[0];
    const centred = net.binary(x, mean(x, 'mean'), 'sub');
    const [square] = net.add('binary', [centred, net.scalar(power)], { fn: 'pow' }, 'square');
    const shifted = net.binary(mean(square, 'variance'), net.constant('epsilon', Tensor.float32([], [1e-3])), 'add');
    const normalised = net.binary(centred, net.unary(shifted, 'sqrt'), spread, 'normalised');
    return net.binary(net.binary(normalised, net.weights(vector), 'mul', 'scaled'), net.weights(vector), 'add', 'y');
  };

const FUSED = ['layer-norm(x) -> y'];
const apart = (spread = 'div', power = 'pow'): string[] => [
  'reduce mean(x) -> mean',
  'binary sub(x, mean) -> sub',
  `binary ${power}(sub) -> square`,
  'reduce mean(square) -> variance',
  'binary add(variance) -> add',
  'unary sqrt(add) -> sqrt',
  `binary ${spread}(sub, sqrt) -> normalised`,
  'binary mul(normalised) -> scaled',
  'binary add(scaled) -> y',
];

test('layer normalisation that was written out is one node', () => {
  expectPass(fuseLayerNorm, layerNorm(), FUSED);
  expectPass(fuseLayerNorm, layerNorm({ axes: [2, 3], vector: [5, 6] }), FUSED);
  expectPass(fuseLayerNorm, layerNorm({ axes: [3, 2], vector: [5, 6] }), FUSED);
});

test('a square may be a product, and constants may come first', () => {
  expectPass(
    fuseLayerNorm,
    (net, x) => {
      const mean = (of: string, name: string): string =>
        net.add('reduce', [of], { fn: 'mean', axes: [3], keepDims: true }, name)[0];
      const centred = net.binary(x, mean(x, 'mean'), 'sub');
      const shifted = net.binary(net.scalar(1e-3), mean(net.binary(centred, centred, 'mul'), 'variance'), 'add');
      const normalised = net.binary(centred, net.unary(shifted, 'sqrt'), 'div');
      return net.binary(net.weights([6]), net.binary(net.weights([6]), normalised, 'mul', 'scaled'), 'add', 'y');
    },
    FUSED,
  );
});

test('what only looks like layer normalisation stays', () => {
  expectPass(fuseLayerNorm, layerNorm({ axes: [1], vector: [6] }), apart());
  expectPass(fuseLayerNorm, layerNorm({ vector: [1] }), apart());
  expectPass(fuseLayerNorm, layerNorm({ power: 4 }), apart());
  expectPass(fuseLayerNorm, layerNorm({ spread: 'mul' }), apart('mul'));
});
