import { sameShape, sizeOf } from '../tensor';
import { check, checkRank, checkVector, float, text } from './checks';
import { type Activation, FUSABLE_ACTIVATIONS } from './epilogue';
import { defineOperator } from './operator';

interface SqueezeExciteAttributes {
  /** That of each 1×1 convolution, first to last: one or two. */
  readonly activations: readonly Activation[];
}

/** The 1×1 convolutions, first to last. */
export const gateProducts = <T>(inputs: readonly T[], { activations }: SqueezeExciteAttributes) =>
  activations.map((activation, i) => ({ activation, weight: inputs[1 + 2 * i], bias: inputs[2 + 2 * i] }));

/**
 * The gate of a squeeze-and-excitation block (Hu et al. 2018, section 3): the mean of all pixels, then one or two 1×1
 * convolutions of it. A pass makes this node, so that the whole is one launch. inputs: x `[N, C, H, W]`, weight
 * `[S, C, 1, 1]` and bias `[S]`, then weight `[E, S, 1, 1]` and bias `[E]` of a second convolution?, addend? of x's shape,
 * which is added to x ahead of two convolutions; output `[N, E, 1, 1]`
 */
export const squeezeExcite = defineOperator<SqueezeExciteAttributes>({
  arity: [3, 6],
  constants: [1, 2, 3, 4],
  infer(inputs, attributes) {
    const count = attributes.activations.length;
    const fits = count === 1 ? inputs.length === 3 : count === 2 && inputs.length > 4;
    check(fits, `${count} activations do not go with ${inputs.length} inputs`);
    const [{ shape }] = inputs;
    checkRank(shape, 4, 'input');
    let [batch, channels] = shape;
    for (const { activation, weight, bias } of gateProducts(inputs, attributes)) {
      const wanted = [weight.shape[0], channels, 1, 1];
      check(sameShape(weight.shape, wanted), `weight ${text(weight.shape)} must have shape ${text(wanted)}`);
      [channels] = wanted;
      checkVector(bias.shape, channels, 'bias');
      check(FUSABLE_ACTIVATIONS.includes(activation.fn), `activation ${activation.fn} cannot be fused`);
    }
    const addend = inputs[5]?.shape ?? shape;
    check(sameShape(addend, shape), `addend ${text(addend)} must have the input's shape ${text(shape)}`);
    return [float([batch, channels, 1, 1])];
  },
  flops(attributes, inputs) {
    const [x] = inputs;
    const ofProduct = ({ weight, activation }: { weight: readonly number[]; activation: Activation }): number =>
      2 * sizeOf(weight) + (activation.fn === 'identity' ? 0 : weight[0]);
    const products = gateProducts(inputs, attributes).map(ofProduct);
    return sizeOf(x) * (inputs.length > 5 ? 2 : 1) + x[0] * products.reduce((sum, flops) => sum + flops, 0);
  },
});
