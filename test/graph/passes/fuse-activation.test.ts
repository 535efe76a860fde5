import { test } from 'vitest';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { expectPass } from '../../support/rewrites';

test('an activation is applied by the convolution before it', () => {
  expectPass(fuseActivation, (net, x) => net.unary(net.conv(x, 4, 'conv'), 'relu6'), ['conv2d relu6(x) -> relu6']);
});

test('an activation that cannot be fused stays', () => {
  expectPass(fuseActivation, (net, x) => net.unary(net.conv(x, 4, 'conv'), 'mish'), [
    'conv2d(x) -> conv',
    'unary mish(conv) -> mish',
  ]);
});
