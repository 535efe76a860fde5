import { test } from 'vitest';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseUpsampling } from '../../../src/graph/passes/fuse-upsampling';
import type { Pass, Target } from '../../../src/graph/passes/pass';
import { expectPass, type Net, window2 } from '../../support/rewrites';

const GPU = { software: false };
const CENTRES = { coordinates: 'half-pixel', rounding: 'round-prefer-floor', cubicA: -0.75 } as const;

/** A step up of a U-Net: what is pooled by so many, doubled, beside something of that size, convolved. */
const stepUp =
  (
    channels: number,
    {
      mode = 'nearest',
      skipFirst = false,
      factor = 2,
    }: { mode?: 'nearest' | 'linear'; skipFirst?: boolean; factor?: number } = {},
  ) =>
  (net: Net, x: string): string => {
    // [2, 4, 5, 6] to a picture of 20 by 24, and one of half that.
    const large = net.resize(x, [20, 24], { mode: 'nearest', ...CENTRES, coordinates: 'align-corners' }, 'large');
    const kernel = [factor, factor] as const;
    const [low] = net.add('max-pool2d', [large], { ...window2, kernel, stride: kernel, ceilMode: false }, 'low');
    const up = net.resize(low, [20, 24], { mode, ...CENTRES }, 'up');
    const skip = net.unary(net.conv(large, 3, 'skip'), 'abs');
    const [joined] = net.add('concat', skipFirst ? [skip, up] : [up, skip], { axis: 1 }, 'joined');
    return net.unary(net.conv(joined, channels, 'conv'), 'relu');
  };
const above = ['resize2d(x) -> large', 'max-pool2d(large) -> low'];
const beside = ['conv2d(large) -> skip', 'unary abs(skip) -> abs'];

test('a doubled picture and the skip beside it are read by the convolution, in either order', () => {
  const pass: Pass = (graph) => fuseUpsampling(GPU)(fuseActivation(graph));
  for (const mode of ['nearest', 'linear'] as const) {
    const fused = [...above, ...beside, `upsample-conv2d ${mode} relu(low, abs) -> relu`];
    expectPass(pass, stepUp(4, { mode }), fused);
    expectPass(pass, stepUp(4, { mode, skipFirst: true }), fused);
  }
});

test('a doubled picture without a skip is read by the convolution', () => {
  expectPass(
    fuseUpsampling(GPU),
    (net, x) => net.conv(net.resize(x, [10, 12], { mode: 'nearest', ...CENTRES }, 'up'), 7, 'conv'),
    ['upsample-conv2d nearest(x) -> conv'],
  );
});

test('a picture is doubled first where that pays, is wanted, or is all that the convolution can read', () => {
  const pass =
    (target: Target): Pass =>
    (graph) =>
      fuseUpsampling(target)(fuseActivation(graph));
  const apart = [
    ...above,
    'resize2d(low) -> up',
    ...beside,
    'concat(up, abs) -> joined',
    'conv2d relu(joined) -> relu',
  ];
  expectPass(pass({ software: true }), stepUp(4), apart);
  expectPass(pass({ software: false, subgroupSize: 8 }), stepUp(4), apart);
  // Interpolating anew for each of many output channels costs more than it saves.
  expectPass(pass(GPU), stepUp(64, { mode: 'linear' }), apart);
  expectPass(pass(GPU), stepUp(64, { mode: 'nearest' }), [
    ...above,
    ...beside,
    'upsample-conv2d nearest relu(low, abs) -> relu',
  ]);
  // Where two samples of 16 blocks at 20 rows of 6 tiles share out their sums, it costs nothing.
  const small: Target = { software: false, sharedSumInvocations: 3840 };
  expectPass(pass(small), stepUp(64, { mode: 'linear' }), [
    ...above,
    ...beside,
    'upsample-conv2d linear relu(low, abs) -> relu',
  ]);
  expectPass(pass({ ...small, sharedSumInvocations: 3839 }), stepUp(64, { mode: 'linear' }), apart);
  // Four times as large.
  expectPass(pass(GPU), stepUp(4, { factor: 4 }), apart);
  // Read by somebody else, too.
  expectPass(pass(GPU), (net, x) => net.binary(stepUp(4)(net, x), net.unary('up', 'abs', 'other'), 'add'), [
    ...apart,
    'unary abs(up) -> other',
    'binary add(relu, other) -> add',
  ]);
});
