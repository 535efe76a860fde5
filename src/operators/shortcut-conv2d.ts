import { sameShape, sizeOf } from '../tensor';
import { check, checkRank, float, text } from './checks';
import type { Activation } from './epilogue';
import { defineOperator } from './operator';
import { checkEpilogue, epilogueFlops } from './weighted';
import { type Pair, throughWindow, windowShape } from './window';

const UNDILATED = { dilation: [1, 1], padding: [0, 0, 0, 0] } as const;

interface ShortcutConv2dAttributes {
  /** The window of the shortcut's maxima; one pixel where it is not pooled. */
  readonly pool: Pair;
  /** Between these windows. */
  readonly stride: Pair;
  readonly activation: Activation;
}

/**
 * The end of a residual block whose shortcut is projected (He et al. 2016, "Deep residual learning for image
 * recognition", section 3.2): a convolution, to which a 1×1 convolution of the shortcut is added, whose pixels are maxima
 * of windows without padding. A pass makes this node, so that neither the maxima nor their products are stored. inputs:
 * x `[N, C, H, W]`, weight `[O, C, KH, KW]` of odd size (padded by half of it), bias `[O]`, shortcut `[N, A, SH, SW]`,
 * projection `[O, A, 1, 1]`; output `[N, O, H, W]`
 */
export const shortcutConv2d = defineOperator<ShortcutConv2dAttributes>({
  arity: 5,
  constants: [1, 2, 4],
  infer([x, weight, bias, shortcut, projection], { pool, stride, activation }) {
    for (const [name, { shape }] of Object.entries({ input: x, weight, shortcut, projection })) {
      checkRank(shape, 4, name);
    }
    const [batch, channels, height, width] = x.shape;
    const [outChannels, weightChannels, ...kernel] = weight.shape;
    check(channels === weightChannels, `input channels ${channels} must match weight channels ${weightChannels}`);
    const isOdd = kernel.every((taps) => taps % 2 === 1);
    check(isOdd, `kernel must be odd, got ${text(kernel)}`);
    const projected = [outChannels, shortcut.shape[1], 1, 1];
    check(sameShape(projection.shape, projected), `projection ${text(projection.shape)} must be ${text(projected)}`);
    const shape = [batch, outChannels, height, width];
    const pooled = windowShape(shortcut.shape, outChannels, pool, { ...UNDILATED, stride });
    check(sameShape(pooled, shape), `shortcut ${text(shortcut.shape)} gives ${text(pooled)}, not ${text(shape)}`);
    checkEpilogue([x, weight, bias], shape, outChannels, { activation, residual: 'none' });
    return [float(shape)];
  },
  flops({ pool, activation }, [, weight, , shortcut], y) {
    const [batch, channels] = shortcut;
    const maxima = pool[0] * pool[1] > 1 ? batch * channels * sizeOf(y.slice(2)) * pool[0] * pool[1] : 0;
    const products = 2 * (sizeOf(weight.slice(1)) + channels);
    return sizeOf(y) * (products + epilogueFlops({ activation, residual: 'before-activation' })) + maxima;
  },
  receptiveField({ pool, stride }, inputs, _, index) {
    if (index === 3) return throughWindow(pool, { ...UNDILATED, stride });
    if (index > 0) return undefined;
    const kernel = inputs[1].slice(2);
    const [top, left] = kernel.map((taps) => (taps - 1) / 2);
    return throughWindow(kernel, { ...UNDILATED, stride: [1, 1], padding: [top, left, top, left] });
  },
});
