import { ShaderCompileError } from '../errors';
import type { Shader } from './shader';

/** What the compiler has to say, and the numbered source. */
export function shaderFailure(
  shader: Shader,
  errors: readonly GPUCompilationMessage[],
  failure: GPUError | null,
  code: string,
): ShaderCompileError {
  const said = errors.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
  return new ShaderCompileError(
    `shader ${shader.name} does not compile:\n${said.join('\n') || failure?.message}\n${numbered(code)}`,
  );
}

const numbered = (code: string): string =>
  code
    .split('\n')
    .map((line, i) => `${String(i + 1).padStart(4)} | ${line}`)
    .join('\n');
