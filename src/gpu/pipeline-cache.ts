import { ShaderCompileError } from '../errors';
import { beginShader, type CompilingShader } from './errors';
import { COMPUTE_STAGE } from './flags';
import type { Dispatch } from './kernel';
import { type Shader, type StorageType, shaderText } from './shader';

export interface CachedPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The pipelines of one device: each is made once, asynchronously, however many models ask for it. */
export class PipelineCache {
  readonly #pipelines = new Map<string, Promise<CachedPipeline>>();
  readonly #modules = new Map<string, CompilingShader>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(readonly device: GPUDevice) {}

  /** Pipelines made so far. */
  get size(): number {
    return this.#pipelines.size;
  }

  /** @throws ShaderCompileError with the numbered source */
  get({ shader, constants }: Pick<Dispatch, 'shader' | 'constants'>, storage: StorageType): Promise<CachedPipeline> {
    const key = `${shader.name}/${storage}/${JSON.stringify(constants)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#create(shader, constants, storage);
      // A failure is not kept: the next request tries again.
      pipeline.catch(() => this.#pipelines.delete(key));
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #create(shader: Shader, constants: Dispatch['constants'], storage: StorageType): Promise<CachedPipeline> {
    const key = `${shader.name}/${storage}`;
    let compiling = this.#modules.get(key);
    if (!compiling) {
      compiling = beginShader(this.device, shader, shaderText(shader, storage));
      this.#modules.set(key, compiling);
      compiling.checked.catch(() => this.#modules.delete(key));
    }
    const { module, checked } = compiling;
    const layout = this.#layoutOf(shader);
    try {
      // Asked for at once, so that the driver is at work while the page packs weights.
      const pipeline = await this.device.createComputePipelineAsync({
        label: `${shader.name} ${JSON.stringify(constants)}`,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      });
      await checked;
      return { pipeline, layout };
    } catch (error) {
      // Of a shader that does not compile there is more to say than that it makes no pipeline.
      await checked;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ShaderCompileError(`pipeline ${shader.name} ${JSON.stringify(constants)}: ${reason}`, { cause: error });
    }
  }

  #layoutOf({ bindings }: Shader): GPUBindGroupLayout {
    const key = bindings.map((b) => `${b.index}:${b.type}`).join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.device.createBindGroupLayout({
        entries: bindings.map(({ index, type }) => ({
          binding: index,
          visibility: COMPUTE_STAGE,
          buffer: { type },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
