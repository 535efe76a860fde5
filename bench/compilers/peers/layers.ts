import type { Graph } from '../../../src/graph/graph';
import { sizeOf } from '../../../src/tensor';

/** A convolution or product with weights, as its network defines it. Shapes leave the batch out. */
export interface Layer {
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly output: readonly number[];
  readonly multiplyAdds: number;
}

/** The layers of a graph that nothing has fused, in its order: those on which most time goes. */
export function layersOf({ nodes, values, constants }: Graph): Layer[] {
  return nodes.flatMap(({ op, inputs, outputs }): Layer[] => {
    if (!['conv2d', 'conv-transpose2d', 'dense'].includes(op) || !constants.has(inputs[1])) return [];
    const [input, weight, output] = [inputs[0], inputs[1], outputs[0]].map((name) => values.get(name)!.shape);
    const sums = op === 'conv-transpose2d' ? input : output;
    const shapes = { input: input.slice(1), weight, output: output.slice(1) };
    return [{ ...shapes, multiplyAdds: sizeOf(sums) * sizeOf(weight.slice(1)) }];
  });
}

const padded = (channels: number): number => 4 * Math.ceil(channels / 4);
const isDepthwise = ({ input, weight }: Layer): boolean => weight[1] === 1 && input[0] === weight[0] && weight[0] > 1;

/** Bytes that a kernel binds: of its weights, of what it writes, and of all. */
export interface BoundBytes {
  readonly all: readonly number[];
  /** As far as the shader's own names tell. */
  readonly weights?: number;
  readonly written?: number;
}

/** How an engine's buffers fit a layer's tensors. */
export type Fit = (layer: Layer, bound: BoundBytes, mostOutputs: number) => boolean;

/** Buffers are as long as their tensors. */
export const fitsExactly: Fit = ({ weight, output }, { all }) =>
  all.includes(4 * sizeOf(weight)) && all.includes(4 * sizeOf(output));

/** Activations are in buffers that were longer before, weights in buffers of their own. */
export const fitsPooled: Fit = ({ weight, output }, { all }, mostOutputs) => {
  const weightBytes = 4 * sizeOf(weight);
  const outputs = sizeOf(output);
  return (
    all.includes(weightBytes) &&
    all.some((bytes) => bytes !== weightBytes && bytes >= 4 * outputs) &&
    outputs <= mostOutputs
  );
};

/** Channels are padded to fours, in weights to more. */
export const fitsPadded: Fit = (layer, { weights = 0, written = 0 }) => {
  const { weight, output } = layer;
  const [outputs, inputs] = weight;
  const taps = sizeOf(weight.slice(2));
  const least = 4 * padded(outputs) * taps * (isDepthwise(layer) ? 1 : padded(inputs));
  const fitsWeights = weights === 4 * sizeOf(weight) || (weights >= least && weights <= 2.05 * least + 64);
  const leastWritten = 4 * padded(output[0] ?? 1) * sizeOf(output.slice(1));
  return fitsWeights && (written === 4 * sizeOf(output) || (written >= leastWritten && written <= 1.1 * leastWritten));
};

/** Hands out each layer once: the first that fits, or the one with the most outputs, where lengths are only bounds. */
export class LayerMatcher {
  readonly #left: Layer[];

  constructor(
    layers: readonly Layer[],
    private readonly fit: Fit,
  ) {
    this.#left = [...layers];
  }

  get left(): number {
    return this.#left.length;
  }

  take(bound: BoundBytes, mostOutputs: number): Layer | undefined {
    const fitting = this.#left.filter((layer) => this.fit(layer, bound, mostOutputs));
    const best = fitting.reduce(
      (most: Layer | undefined, next) =>
        this.fit === fitsPooled && most && sizeOf(next.output) > sizeOf(most.output) ? next : (most ?? next),
      undefined,
    );
    if (best) this.#left.splice(this.#left.indexOf(best), 1);
    return best;
  }
}
