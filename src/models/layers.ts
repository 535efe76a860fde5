import { ModelFormatError } from '../errors';
import { GraphBuilder } from '../graph/builder';
import type { OperatorAttributes } from '../operators';
import type { BinaryFunction } from '../operators/binary';
import { NO_ACTIVATION, NO_EPILOGUE } from '../operators/epilogue';
import type { UnaryFunction } from '../operators/unary';
import { Tensor } from '../tensor';

/** A graph builder that takes weights by the names that PyTorch gives them. */
export class NetworkBuilder extends GraphBuilder {
  readonly #taken = new Map<string, string>();

  constructor(
    name: string,
    private readonly weights: ReadonlyMap<string, Tensor>,
    private readonly file: string,
  ) {
    super(name);
  }

  /** Whether the file has any tensor of this layer. */
  hasLayer(name: string): boolean {
    return [...this.weights.keys()].some((tensor) => tensor.startsWith(`${name}.`));
  }

  /** @throws ModelFormatError naming the file and the tensor that is missing */
  weight(name: string): Tensor {
    const tensor = this.weights.get(name);
    if (!tensor) throw new ModelFormatError(`${this.file}: there is no tensor "${name}", which ${this.name} needs`);
    return tensor;
  }

  /** The weight as a constant of the graph; layers that name the same weight share it. */
  private weightConstant(name: string): string {
    let taken = this.#taken.get(name);
    if (taken === undefined) {
      taken = this.constant(name, this.weight(name));
      this.#taken.set(name, taken);
    }
    return taken;
  }

  /** `conv.weight` `[O, C, K, K]`, with `conv.bias` `[O]` if the file has one; padded so that stride 1 keeps the size. */
  conv(x: string, name: string, stride = 1, groups = 1, output = name): string {
    const [channels, , kernel] = this.weight(`${name}.weight`).shape;
    const padding = Math.floor(kernel / 2);
    const bias = this.weights.has(`${name}.bias`)
      ? this.weightConstant(`${name}.bias`)
      : this.constant(`${name}.bias`, Tensor.float32([channels]));
    return this.add(
      'conv2d',
      [x, this.weightConstant(`${name}.weight`), bias],
      {
        ...NO_EPILOGUE,
        stride: [stride, stride],
        dilation: [1, 1],
        padding: [padding, padding, padding, padding],
        groups,
      },
      output,
    )[0];
  }

  /** Batch normalisation with PyTorch's four vectors and its epsilon. */
  batchNorm(x: string, name: string): string {
    const vectors = ['weight', 'bias', 'running_mean', 'running_var'].map((vector) =>
      this.constant(`${name}.${vector}`, this.weight(`${name}.${vector}`)),
    );
    return this.add('batch-norm', [x, ...vectors], { epsilon: 1e-5 }, name)[0];
  }

  activate(x: string, name: string, fn: UnaryFunction = 'relu'): string {
    return this.add('unary', [x], { ...NO_ACTIVATION, fn }, name)[0];
  }

  binary(fn: BinaryFunction, a: string, b: string, name: string): string {
    return this.add('binary', [a, b], { fn }, name)[0];
  }

  /** Mean over height and width: `[N, C, H, W]` to `[N, C]`. */
  meanPool(x: string, name: string): string {
    const [pooled] = this.add('global-pool2d', [x], { fn: 'mean' }, name);
    return this.add('reshape', [pooled], { shape: this.shape(x).slice(0, 2) }, `${name}.flat`)[0];
  }

  /** `dense.weight` `[O, K]`, `dense.bias` `[O]`. */
  dense(x: string, name: string): string {
    const inputs = ['weight', 'bias'].map((part) => this.constant(`${name}.${part}`, this.weight(`${name}.${part}`)));
    return this.add('dense', [x, ...inputs], NO_EPILOGUE, name)[0];
  }

  /** Makes height and width larger, by bilinear interpolation between pixel centres. */
  upsample(x: string, name: string, factor = 2): string {
    return this.enlarge(x, name, factor, { mode: 'linear', coordinates: 'half-pixel', rounding: 'round-prefer-floor' });
  }

  /** Doubles height and width by repeating every pixel 2×2. */
  repeat(x: string, name: string): string {
    return this.enlarge(x, name, 2, { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor' });
  }

  private enlarge(
    x: string,
    name: string,
    factor: number,
    way: Pick<OperatorAttributes['resize2d'], 'mode' | 'coordinates' | 'rounding'>,
  ): string {
    const [, , height, width] = this.shape(x);
    const size = [factor * height, factor * width] as const;
    return this.add('resize2d', [x], { ...way, size, scale: [factor, factor], cubicA: -0.75 }, name)[0];
  }

  concat(inputs: readonly string[], axis: number, name: string): string {
    return this.add('concat', inputs, { axis }, name)[0];
  }

  softmax(x: string, axis: number, name: string): string {
    return this.add('softmax', [x], { axis, log: false }, name)[0];
  }
}
