import { ShaderCompileError } from '../errors';
import { beginShader, type CompilingShader } from './errors';
import { COMPUTE_STAGE } from './flags';
import type { Dispatch } from './kernel';
import { type Shader, type ShaderBinding, type StorageType, shaderText } from './shader';

export interface CachedPipeline<Pipeline = GPUComputePipeline> {
  readonly pipeline: Pipeline;
  readonly layout: GPUBindGroupLayout;
}

/** What a module is made of. */
interface ModuleOptions {
  readonly shader: Shader;
  readonly storage: StorageType;
  readonly subgroupSize?: number;
}

export type MakePipeline<P> = (
  module: GPUShaderModule,
  common: { label: string; layout: GPUPipelineLayout },
) => Promise<P>;

/** Of pipelines kept: several times those of a page with many tuned networks. */
const MOST_PIPELINES = 500;

/**
 * The pipelines of one device: each is made once, asynchronously, however many models ask for it. Those asked for longest
 * ago are forgotten once there are many; sessions that use them keep theirs.
 */
export class PipelineCache {
  readonly #pipelines = new Map<string, Promise<CachedPipeline<unknown>>>();
  readonly #modules = new Map<string, CompilingShader>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(
    readonly device: GPUDevice,
    private readonly mostPipelines = MOST_PIPELINES,
  ) {}

  /** Pipelines that are kept. */
  get size(): number {
    return this.#pipelines.size;
  }

  /** @throws ShaderCompileError with the numbered source */
  get(
    { shader, constants, subgroupSize }: Pick<Dispatch, 'shader' | 'constants' | 'subgroupSize'>,
    storage: StorageType,
  ): Promise<CachedPipeline> {
    const make: MakePipeline<GPUComputePipeline> = (module, common) =>
      this.device.createComputePipelineAsync({
        ...common,
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      });
    return this.cached({ shader, storage, subgroupSize }, JSON.stringify(constants), make, COMPUTE_STAGE);
  }

  /**
   * The pipeline that `make` makes of a shader, unless there is one of this setting.
   *
   * @param stage the one that reads its bindings
   * @throws ShaderCompileError
   */
  cached<P>(
    options: ModuleOptions,
    setting: string,
    make: MakePipeline<P>,
    stage: GPUShaderStageFlags,
  ): Promise<CachedPipeline<P>> {
    const key = `${moduleKey(options)}/${setting}`;
    let pipeline = this.#pipelines.get(key) as Promise<CachedPipeline<P>> | undefined;
    if (!pipeline) {
      pipeline = this.#create(options, setting, make, stage);
      // A failure is not kept: the next request tries again.
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    keepLatest(this.#pipelines, key, pipeline, this.mostPipelines);
    return pipeline;
  }

  async #create<P>(options: ModuleOptions, setting: string, make: MakePipeline<P>, stage: GPUShaderStageFlags) {
    const { shader, storage, subgroupSize } = options;
    const key = moduleKey(options);
    let compiling = this.#modules.get(key);
    if (!compiling) {
      compiling = beginShader(this.device, shader, shaderText(shader, storage, subgroupSize));
      compiling.checked.catch(() => this.#modules.delete(key));
    }
    keepLatest(this.#modules, key, compiling, this.mostPipelines);
    const { module, checked } = compiling;
    const label = `${shader.name} ${setting}`;
    try {
      const layout = this.#layoutOf(shader, stage);
      // Asked for at once, so that the driver is at work while the page packs weights.
      const pipeline = await make(module, {
        label,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      });
      await checked;
      return { pipeline, layout };
    } catch (error) {
      // The compiler says more about a shader that does not compile than the pipeline does.
      await checked;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ShaderCompileError(`pipeline ${label}: ${reason}`, { cause: error });
    }
  }

  #layoutOf({ bindings }: Shader, visibility: GPUShaderStageFlags): GPUBindGroupLayout {
    const entries = bindings.map(({ index, type }) => ({ binding: index, visibility, ...layoutEntry(type) }));
    const key = JSON.stringify(entries);
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.device.createBindGroupLayout({ entries });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}

/** Puts an entry last, and drops the first if there are too many: those set longest ago. */
function keepLatest<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > most) map.delete(first);
}

const moduleKey = ({ shader, storage, subgroupSize = 0 }: ModuleOptions): string =>
  `${shader.name}/${shader.variant}/${storage}/${subgroupSize}`;

function layoutEntry(type: ShaderBinding['type']): Partial<GPUBindGroupLayoutEntry> {
  if (type === 'external-texture') return { externalTexture: {} };
  return type === 'texture' ? { texture: { sampleType: 'float' } } : { buffer: { type } };
}
