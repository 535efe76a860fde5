// In the page, before an engine: WebGPU's own methods are wrapped so that they tell what a frame does. The adapter says that
// it is another chip, as engines choose shaders by that, and no dispatch is made, as a software adapter would take minutes.
import type {
  AdapterInfo,
  BoundResource,
  RecordedDispatch,
  RecordedModule,
  RecordedPipeline,
  Recording,
} from './recording';

type Recorded = Omit<Recording, 'engine' | 'network'>;

type Arguments<T, K extends keyof T> = T[K] extends (...args: infer A) => unknown ? A : never;
type Result<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R ? R : never;

/** Replaces a method by one that is given the object, and what it replaces. */
function replace<T extends object, K extends keyof T & string>(
  prototype: T,
  name: K,
  make: (
    original: (self: T, ...args: Arguments<T, K>) => Result<T, K>,
  ) => (self: T, ...args: Arguments<T, K>) => Result<T, K>,
): void {
  const method = prototype[name] as ((...args: unknown[]) => Result<T, K>) | undefined;
  if (!method) return;
  const own = make((self, ...args) => method.apply(self, args));
  const value = function (this: T, ...args: Arguments<T, K>): Result<T, K> {
    return own(this, ...args);
  };
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}

const bytesOf = (resource: GPUBindingResource | GPUBuffer): number => {
  if (resource instanceof GPUBuffer) return resource.size;
  if ('buffer' in resource) return resource.size ?? resource.buffer.size - (resource.offset ?? 0);
  return textureBytes.get(resource) ?? 0;
};
const textureBytes = new WeakMap<object, number>();

/**
 * A pipeline with the same bindings whose shader does nothing else, which software drivers compile at once: no dispatch
 * is made. A layout that is derived from the shader comes out the same, where the shader uses all that it declares.
 */
function shortened(
  device: GPUDevice,
  descriptor: GPUComputePipelineDescriptor,
  code: string,
): GPUComputePipelineDescriptor {
  const { layout, compute } = descriptor;
  const buffers = [...code.matchAll(/@group\((\d+)\) @binding\((\d+)\) var<(uniform|storage[^>]*)>/g)];
  const declarations = buffers.map(([, group, binding, kind]) => {
    const type = kind === 'uniform' ? 'f32' : 'array<f32>';
    return `@group(${group}) @binding(${binding}) var<${kind}> b${group}_${binding}: ${type};`;
  });
  const uses = buffers.map(([, group, binding, kind]) => `_ = b${group}_${binding}${kind === 'uniform' ? '' : '[0]'};`);
  const derived = layout === 'auto';
  const text = `${derived ? declarations.join('\n') : ''}
    @compute @workgroup_size(1) fn ${compute.entryPoint ?? 'main'}() { ${derived ? uses.join(' ') : ''} }`;
  const module = device.createShaderModule({ code: text });
  return { ...descriptor, compute: { module, entryPoint: compute.entryPoint } };
}

export class Recorder {
  readonly #modules: RecordedModule[] = [];
  readonly #pipelines: RecordedPipeline[] = [];
  /** Places of pipelines, entries of layouts, and what bind groups bind. */
  readonly #places = new WeakMap<object, number>();
  readonly #entries = new WeakMap<object, readonly GPUBindGroupLayoutEntry[]>();
  readonly #layouts = new WeakMap<object, readonly (readonly GPUBindGroupLayoutEntry[])[]>();
  readonly #bound = new WeakMap<object, readonly Omit<BoundResource, 'group'>[]>();
  readonly #features = new Set<string>();
  #dispatches: RecordedDispatch[] = [];
  #counts = { passes: 0, submits: 0, clearedBytes: 0 };

  constructor(chip: AdapterInfo) {
    this.#pretend({ ...chip, isFallbackAdapter: false });
    this.#watchPipelines();
    this.#watchBindGroups();
    this.#watchFrames();
  }

  /** Forgets what frames did so far. */
  beginFrame(): void {
    this.#dispatches = [];
    this.#counts = { passes: 0, submits: 0, clearedBytes: 0 };
  }

  endFrame(): Recorded {
    return {
      features: [...this.#features],
      modules: this.#modules,
      pipelines: this.#pipelines,
      dispatches: this.#dispatches,
      ...this.#counts,
    };
  }

  #pretend(info: object): void {
    const constant = (prototype: object, name: string, value: unknown): void => {
      Object.defineProperty(prototype, name, { get: () => value, configurable: true });
    };
    constant(GPUAdapter.prototype, 'info', info);
    constant(GPUAdapter.prototype, 'isFallbackAdapter', false);
    constant(GPUDevice.prototype, 'adapterInfo', info);
    const features = this.#features;
    replace(GPUAdapter.prototype, 'requestDevice', (original) => (self, descriptor) => {
      for (const feature of descriptor?.requiredFeatures ?? []) features.add(feature);
      return original(self, descriptor);
    });
  }

  #watchPipelines(): void {
    const places = this.#places;
    const texts = this.#modules;
    replace(GPUDevice.prototype, 'createShaderModule', (original) => (self, descriptor) => {
      const module = original(self, descriptor);
      const { label = '', code } = descriptor;
      const known = texts.findIndex((text) => text.code === code);
      places.set(module, known >= 0 ? known : texts.push({ label, code }) - 1);
      return module;
    });
    const note = ({ label = '', compute, layout }: GPUComputePipelineDescriptor): number => {
      const { module, entryPoint, constants } = compute;
      return (
        this.#pipelines.push({
          label: label || texts[places.get(module)!].label,
          module: places.get(module)!,
          entryPoint,
          constants: { ...constants },
          layout: layout === 'auto' ? undefined : this.#layouts.get(layout),
        }) - 1
      );
    };
    const textOf = ({ compute }: GPUComputePipelineDescriptor): string => texts[places.get(compute.module)!].code;
    replace(GPUDevice.prototype, 'createComputePipeline', (original) => (self, descriptor) => {
      const pipeline = original(self, shortened(self, descriptor, textOf(descriptor)));
      places.set(pipeline, note(descriptor));
      return pipeline;
    });
    replace(GPUDevice.prototype, 'createComputePipelineAsync', (original) => async (self, descriptor) => {
      const place = note(descriptor);
      const pipeline = await original(self, shortened(self, descriptor, textOf(descriptor)));
      places.set(pipeline, place);
      return pipeline;
    });
  }

  #watchBindGroups(): void {
    const [entriesOf, layoutsOf, boundOf] = [this.#entries, this.#layouts, this.#bound];
    replace(GPUDevice.prototype, 'createBindGroupLayout', (original) => (self, descriptor) => {
      const layout = original(self, descriptor);
      entriesOf.set(layout, structuredClone([...descriptor.entries]));
      return layout;
    });
    replace(GPUDevice.prototype, 'createPipelineLayout', (original) => (self, descriptor) => {
      const layout = original(self, descriptor);
      const groups = [...descriptor.bindGroupLayouts];
      layoutsOf.set(
        layout,
        groups.map((group) => (group && entriesOf.get(group)) ?? []),
      );
      return layout;
    });
    replace(GPUTexture.prototype, 'createView', (original) => (self, descriptor) => {
      const view = original(self, descriptor);
      const pixelBytes = self.format.endsWith('32float') ? 16 : 8;
      textureBytes.set(view, self.width * self.height * self.depthOrArrayLayers * pixelBytes);
      return view;
    });
    replace(GPUDevice.prototype, 'createBindGroup', (original) => (self, descriptor) => {
      const group = original(self, descriptor);
      const entries = [...descriptor.entries];
      boundOf.set(
        group,
        entries.map(({ binding, resource }) => ({ binding, bytes: bytesOf(resource) })),
      );
      return group;
    });
  }

  #watchFrames(): void {
    const passes = new WeakMap<object, { pipeline: number; groups: BoundResource[][] }>();
    const [places, boundOf] = [this.#places, this.#bound];
    const counts = () => this.#counts;
    const add = (dispatch: RecordedDispatch): undefined => {
      this.#dispatches.push(dispatch);
    };
    replace(GPUCommandEncoder.prototype, 'beginComputePass', (original) => (self, descriptor) => {
      const pass = original(self, descriptor);
      passes.set(pass, { pipeline: -1, groups: [] });
      counts().passes++;
      return pass;
    });
    replace(
      GPUCommandEncoder.prototype,
      'clearBuffer',
      (original) =>
        (self, buffer, offset = 0, size = buffer.size - offset) => {
          counts().clearedBytes += size;
          return original(self, buffer, offset, size);
        },
    );
    const pass = GPUComputePassEncoder.prototype;
    replace(pass, 'setPipeline', (original) => (self, pipeline) => {
      passes.get(self)!.pipeline = places.get(pipeline)!;
      return original(self, pipeline);
    });
    replace(pass, 'setBindGroup', (original) => (self, index, group, ...rest) => {
      passes.get(self)!.groups[index] = ((group && boundOf.get(group)) ?? []).map((bound) => ({
        ...bound,
        group: index,
      }));
      return original(self, index, group, ...rest);
    });
    replace(pass, 'dispatchWorkgroups', () => (self, x, y = 1, z = 1) => {
      const { pipeline, groups } = passes.get(self)!;
      return add({ pipeline, workgroups: [x, y, z], bound: groups.flat() });
    });
    replace(pass, 'dispatchWorkgroupsIndirect', () => (self) => {
      const { pipeline, groups } = passes.get(self)!;
      return add({ pipeline, bound: groups.flat() });
    });
    replace(GPUQueue.prototype, 'submit', (original) => (self, buffers) => {
      counts().submits++;
      return original(self, buffers);
    });
  }
}
