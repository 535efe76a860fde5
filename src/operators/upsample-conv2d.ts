import { sameShape, sizeOf } from '../tensor';
import { check, checkRank, float, text } from './checks';
import type { Activation } from './epilogue';
import { defineOperator, type Words } from './operator';
import { throughResize } from './resize2d';
import { checkEpilogue, epilogueFlops } from './weighted';
import { throughWindow } from './window';

/** 'linear' interpolates between pixel centres. */
const words = { mode: ['nearest', 'linear'] } as const;

interface UpsampleConv2dAttributes extends Words<typeof words> {
  readonly activation: Activation;
}

/**
 * Doubles a picture, joins a skip connection to it, and convolves the result. A pass makes this node, so that neither
 * the doubled nor the joined picture is stored. inputs: low `[N, A, H, W]`, weight `[O, A + B, KH, KW]` of odd size
 * (padded by half of it), bias `[O]`, skip? `[N, B, 2H, 2W]`; output `[N, O, 2H, 2W]`
 */
export const upsampleConv2d = defineOperator<UpsampleConv2dAttributes>({
  arity: [3, 4],
  words,
  constants: [1, 2],
  infer([low, weight, bias, skip], { activation }) {
    checkRank(low.shape, 4, 'input');
    checkRank(weight.shape, 4, 'weight');
    const [batch, channels, height, width] = low.shape;
    const [outChannels, weightChannels, ...kernel] = weight.shape;
    const isOdd = kernel.every((taps) => taps % 2 === 1);
    check(isOdd, `kernel must be odd, got ${text(kernel)}`);
    if (skip) {
      const expected = [batch, weightChannels - channels, 2 * height, 2 * width];
      check(sameShape(skip.shape, expected), `skip ${text(skip.shape)} must be ${text(expected)}`);
    } else {
      check(channels === weightChannels, `input channels ${channels} must match weight channels ${weightChannels}`);
    }
    const shape = [batch, outChannels, 2 * height, 2 * width];
    checkEpilogue([low, weight, bias], shape, outChannels, { activation, residual: 'none' });
    return [float(shape)];
  },
  flops({ mode, activation }, [low, weight], y) {
    const doubled = 4 * sizeOf(low) * (mode === 'linear' ? 2 * 4 : 0);
    return sizeOf(y) * (2 * sizeOf(weight.slice(1)) + epilogueFlops({ activation, residual: 'none' })) + doubled;
  },
  receptiveField({ mode }, inputs, _, index) {
    const kernel = inputs[1].slice(2);
    const [top, left] = kernel.map((taps) => (taps - 1) / 2);
    const large = throughWindow(kernel, { stride: [1, 1], dilation: [1, 1], padding: [top, left, top, left] });
    if (index === 3) return large;
    const low = throughResize(mode, [2, 2], inputs[0]);
    return index === 0 ? (range, axis) => low(large(range, axis), axis) : undefined;
  },
});
