import type { Pair } from '../operators/window';
import type { Placement } from '../picture';
import { BufferUsage } from './flags';
import type { Dispatch } from './kernel';
import type { CachedPipeline, PipelineCache } from './pipeline-cache';
import type { BufferRange } from './session';
import { type ParamValues, packParams, type Shader, type StorageType } from './shader';

/** Resources for a shader's variables, by name. */
export type Bindings = Readonly<Record<string, BufferRange | GPUTexture | GPUExternalTexture>>;

export interface FixedPassOptions {
  readonly storage?: StorageType;
  readonly constants?: Dispatch['constants'];
}

/**
 * A shader that runs outside a plan, such as the one that prepares a picture. It has one buffer of parameters, so that
 * all its launches in one submission must have the same parameters.
 */
export class FixedPass<Pipeline = GPUComputePipeline> {
  readonly #uniforms: GPUBuffer | undefined;
  #bound: Bindings = {};
  #bindGroup: GPUBindGroup | undefined;

  constructor(
    private readonly device: GPUDevice,
    private readonly shader: Shader,
    private readonly compiled: CachedPipeline<Pipeline>,
  ) {
    const { name, params } = shader;
    const usage = BufferUsage.UNIFORM | BufferUsage.COPY_DST;
    if (params.sizeBytes > 0) {
      this.#uniforms = device.createBuffer({ label: `${name} parameters`, size: params.sizeBytes, usage });
    }
  }

  /** @throws ShaderCompileError */
  static async create(pipelines: PipelineCache, shader: Shader, options: FixedPassOptions = {}): Promise<FixedPass> {
    const { storage = 'f32', constants = {} } = options;
    return new FixedPass(pipelines.device, shader, await pipelines.get({ shader, constants }, storage));
  }

  get memoryBytes(): number {
    return this.#uniforms?.size ?? 0;
  }

  /**
   * Records one launch. If it binds an external texture, submit it in the same task.
   *
   * @param first the first vec4 of the parameters, where only the GPU knows it
   */
  encode(
    this: FixedPass,
    encoder: GPUCommandEncoder,
    bindings: Bindings,
    params: ParamValues,
    workgroups: readonly [x: number, y?: number, z?: number],
    first?: { readonly buffer: GPUBuffer; readonly offset: number },
  ): void {
    const bindGroup = this.#prepare(bindings, params);
    if (first) encoder.copyBufferToBuffer(first.buffer, first.offset, this.#uniforms!, 0, 16);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.compiled.pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
    pass.end();
  }

  /** Records one drawing, blended over what is there. */
  draw(
    this: FixedDrawing,
    pass: GPURenderPassEncoder,
    bindings: Bindings,
    params: ParamValues,
    [vertices, instances = 1]: readonly [vertices: number, instances?: number],
  ): void {
    pass.setPipeline(this.compiled.pipeline);
    pass.setBindGroup(0, this.#prepare(bindings, params));
    pass.draw(vertices, instances);
  }

  dispose(): void {
    this.#uniforms?.destroy();
  }

  /** Queues the parameters. Makes a new bind group only if the bindings have changed. */
  #prepare(bindings: Bindings, params: ParamValues): GPUBindGroup {
    const { device, shader, compiled } = this;
    if (this.#uniforms) {
      device.queue.writeBuffer(this.#uniforms, 0, packParams(shader, params) as Uint8Array<ArrayBuffer>);
    }
    if (this.#bindGroup && Object.keys(bindings).every((name) => isSame(bindings[name], this.#bound[name]))) {
      return this.#bindGroup;
    }
    const entries = shader.bindings.map(({ index, name, type }) => {
      const bound = type === 'uniform' ? { buffer: this.#uniforms! } : bindings[name];
      return { binding: index, resource: 'createView' in bound ? bound.createView() : bound };
    });
    this.#bound = bindings;
    this.#bindGroup = device.createBindGroup({ label: shader.name, layout: compiled.layout, entries });
    return this.#bindGroup;
  }
}

export type FixedDrawing = FixedPass<GPURenderPipeline>;

function isSame(a: Bindings[string], b: Bindings[string] | undefined): boolean {
  if (a === b || !b) return a === b;
  return 'buffer' in a && 'buffer' in b && a.buffer === b.buffer && a.offset === b.offset && a.size === b.size;
}

/**
 * A placement as the parameters `source`, a rectangle of the picture, and `region`, where the input shows it.
 *
 * @param size height and width that `region` is scaled to, such as those of the logits
 */
export function placementParams({ source, target, inputSize }: Placement, size: Pair = inputSize) {
  const [scaleY, scaleX] = [size[0] / inputSize[0], size[1] / inputSize[1]];
  return {
    source: [source.x, source.y, source.width, source.height],
    region: [target.x * scaleX, target.y * scaleY, target.width * scaleX, target.height * scaleY],
  };
}
