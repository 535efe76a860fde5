import type { Pair } from '../operators/window';
import type { Placement } from '../picture';
import { BufferUsage } from './flags';
import type { Dispatch } from './kernel';
import type { CachedPipeline, PipelineCache } from './pipeline-cache';
import type { BufferRange } from './session';
import { type ParamValues, packParams, type Shader, type StorageType } from './shader';

/** What a shader's variables are bound to, by name; a texture as a whole. */
export type Bindings = Readonly<Record<string, BufferRange | GPUTexture | GPUExternalTexture>>;

export interface FixedPassOptions {
  readonly storage?: StorageType;
  readonly constants?: Dispatch['constants'];
}

/**
 * A shader that runs beside a plan: a picture on its way in, a mask on its way out, boxes over a frame. It has one block
 * of parameters, which is queued ahead of the submission: launches in one submission share their parameters.
 */
export class FixedPass<Pipeline = GPUComputePipeline> {
  readonly #uniforms: GPUBuffer | undefined;
  #bound: Bindings = {};
  #bindGroup: GPUBindGroup | undefined;

  private constructor(
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

  /** A pair of vertex and fragment shader. @param format of the texture drawn to @throws ShaderCompileError */
  static async drawing(
    pipelines: PipelineCache,
    shader: Shader,
    format: GPUTextureFormat,
    storage: StorageType = 'f32',
  ): Promise<FixedDrawing> {
    return new FixedPass(pipelines.device, shader, await pipelines.getDrawing(shader, storage, format));
  }

  get memoryBytes(): number {
    return this.#uniforms?.size ?? 0;
  }

  /** Records one launch. With an external texture among the bindings it must be submitted in the same task. */
  encode(
    this: FixedPass,
    encoder: GPUCommandEncoder,
    bindings: Bindings,
    params: ParamValues,
    workgroups: readonly [x: number, y?: number, z?: number],
  ): void {
    const bindGroup = this.#prepare(bindings, params);
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

  /** Queues the parameters. A new bind group is made only for other bindings than last time. */
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
 * A placement as the parameters `source`, in pixels of the picture, and `region`, where that is in the input.
 *
 * @param size height and width of what the shader reads: `region` is scaled to it
 */
export function placementParams({ source, target, inputSize }: Placement, size: Pair = inputSize) {
  const [scaleY, scaleX] = [size[0] / inputSize[0], size[1] / inputSize[1]];
  return {
    source: [source.x, source.y, source.width, source.height],
    region: [target.x * scaleX, target.y * scaleY, target.width * scaleX, target.height * scaleY],
  };
}
