import { GPUValidationError, OutOfMemoryError } from '../errors';
import type { Shader } from './shader';

/**
 * Runs synchronous `work` under error scopes and throws what WebGPU reports of it, where it arises.
 *
 * @throws OutOfMemoryError, GPUValidationError
 */
export async function guarded<T>(device: GPUDevice, what: string, work: () => T): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let scopes: Promise<GPUError | null>[] = [];
  let result: T;
  try {
    result = work();
  } finally {
    scopes = [device.popErrorScope(), device.popErrorScope()];
  }
  const [validation, memory] = await Promise.all(scopes);
  if (memory) throw new OutOfMemoryError(`${what}: the GPU is out of memory: ${memory.message}`);
  if (validation) throw new GPUValidationError(`${what}: ${validation.message}`);
  return result;
}

/** Compiles a shader. @throws ShaderCompileError with what the compiler has to say and the numbered source */
export async function compileShader(device: GPUDevice, shader: Shader, code: string): Promise<GPUShaderModule> {
  const { module, checked } = beginShader(device, shader, code);
  await checked;
  return module;
}

/** A shader that may already be put into pipelines, and what the compiler has to say, as a rejection, when it knows. */
export interface CompilingShader {
  readonly module: GPUShaderModule;
  readonly checked: Promise<void>;
}

export function beginShader(device: GPUDevice, shader: Shader, code: string): CompilingShader {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: shader.name, code });
  const scope = device.popErrorScope();
  return { module, checked: checkShader(module, scope, shader, code) };
}

async function checkShader(
  module: GPUShaderModule,
  scope: Promise<GPUError | null>,
  shader: Shader,
  code: string,
): Promise<void> {
  const [{ messages }, failure] = await Promise.all([module.getCompilationInfo(), scope]);
  const errors = messages.filter((message) => message.type === 'error');
  if (errors.length === 0 && !failure) return;
  // Imported lazily: shaders that come with the package compile.
  throw (await import('./shader-failure')).shaderFailure(shader, errors, failure, code);
}
