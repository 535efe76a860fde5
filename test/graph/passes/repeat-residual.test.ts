import { test } from 'vitest';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import type { Pass } from '../../../src/graph/passes/pass';
import { repeatResidual } from '../../../src/graph/passes/repeat-residual';
import type { OperatorAttributes } from '../../../src/operators';
import { expectPass, type Net, REPEATING, window2 } from '../../support/rewrites';

test('a coarser map is added by the 1×1 convolution without being enlarged first', () => {
  const pyramid =
    (kernel: 1 | 3, attributes: Partial<OperatorAttributes['resize2d']> = {}) =>
    (net: Net, x: string): string => {
      const pool = net.add(
        'max-pool2d',
        [x],
        { ...window2, kernel: [1, 2], stride: [1, 2], ceilMode: false },
        'pool',
      )[0];
      const upper = net.resize(pool, [5, 6], { ...REPEATING, ...attributes }, 'upper');
      return net.binary(net.conv(x, 4, 'lateral', 1, kernel), upper, 'add');
    };
  const pass: Pass = (graph) => repeatResidual(fuseResidual(graph));
  const fused = ['max-pool2d(x) -> pool', 'conv2d before-activation(x, pool) -> add'];
  expectPass(pass, pyramid(1), fused);
  expectPass(pass, pyramid(1, { coordinates: 'half-pixel', rounding: 'round-prefer-ceil' }), fused);
  const apart = ['max-pool2d(x) -> pool', 'resize2d(pool) -> upper', 'conv2d before-activation(x, upper) -> add'];
  expectPass(pass, pyramid(3), apart);
  expectPass(pass, pyramid(1, { mode: 'linear' }), apart);
  expectPass(pass, pyramid(1, { rounding: 'ceil' }), apart);
});

test('an enlarged map that the convolution reads as well stays', () => {
  const build = (net: Net, x: string): string => {
    const upper = net.resize(x, [10, 12], REPEATING, 'upper');
    return net.binary(net.conv(upper, 4, 'lateral', 1, 1), upper, 'add');
  };
  const pass: Pass = (graph) => repeatResidual(fuseResidual(graph));
  expectPass(pass, build, ['resize2d(x) -> upper', 'conv2d before-activation(upper, upper) -> add']);
});
