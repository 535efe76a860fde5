import type { EngineName } from '../../engines/engine';

/** Something bound to a dispatch. */
export interface BoundResource {
  readonly group: number;
  readonly binding: number;
  /** Of a buffer's bound range, or of a texture. */
  readonly bytes: number;
}

export interface RecordedDispatch {
  readonly pipeline: number;
  /** Undefined where a buffer on the GPU says so. */
  readonly workgroups?: readonly number[];
  readonly bound: readonly BoundResource[];
}

export interface RecordedModule {
  readonly label: string;
  readonly code: string;
}

export interface RecordedPipeline {
  /** Its own or, where it has none, its module's. */
  readonly label: string;
  /** Place among the modules. */
  readonly module: number;
  readonly entryPoint?: string;
  readonly constants: Readonly<Record<string, number>>;
  /** Undefined where the pipeline derives it from the shader. */
  readonly layout?: readonly (readonly GPUBindGroupLayoutEntry[])[];
}

/** One steady frame of an engine, and what it takes to compile its pipelines elsewhere. */
export interface Recording {
  readonly engine: EngineName;
  readonly network: string;
  readonly features: readonly string[];
  readonly modules: readonly RecordedModule[];
  readonly pipelines: readonly RecordedPipeline[];
  readonly dispatches: readonly RecordedDispatch[];
  readonly passes: number;
  readonly submits: number;
  /** Of buffers that the frame clears. */
  readonly clearedBytes: number;
}

/** What `GPUAdapter.info` says on a chip. */
export type AdapterInfo = Readonly<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'subgroupMinSize' | 'subgroupMaxSize'>
>;
