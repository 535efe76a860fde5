import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ResourceType, type VariableInfo, WgslReflect } from 'wgsl_reflect';
import { defineShader, type ShaderBinding, shaderText } from '../../src/gpu/shader';
import { strip } from '../../tools/strip-wgsl.mjs';
import { testDevice } from '../support/gpu';
import { listShaders, missingFeature } from '../support/shaders';

/** The text of all host files: the shaders they import are those that run. */
const hostFiles = ['src', 'demo', 'bench']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

describe.each(listShaders())('shader $name', ({ name, source }) => {
  const shader = defineShader(name, source);

  it('compiles by itself, as it lies on disk', async ({ skip }) => {
    const missing = missingFeature(source, (await testDevice()).acquired.device);
    skip(missing !== undefined, `this adapter has no ${missing}`);
    expect(await compileErrors(source)).toEqual([]);
  });

  it('compiles without its comments, and tells the host the same', async ({ skip }) => {
    const stripped = strip(source);
    expect(defineShader(name, stripped)).toEqual({ ...shader, source: stripped });
    expect(stripped).not.toMatch(/\/\/|^\s|\n\n/m);
    const missing = missingFeature(source, (await testDevice()).acquired.device);
    skip(missing !== undefined, `this adapter has no ${missing}`);
    expect(await compileErrors(stripped)).toEqual([]);
  });

  it('has the bindings that the host reads from it', () => {
    const { uniforms, storage, textures } = reflect(source);
    const bindings = [...uniforms, ...storage, ...textures].map((variable) => ({
      index: variable.binding,
      name: variable.name,
      type: bindingType(variable),
    }));
    const byIndex = (a: { index: number }, b: { index: number }): number => a.index - b.index;
    expect(bindings.sort(byIndex)).toEqual([...shader.bindings].sort(byIndex));
  });

  it('lays out its parameters where the host writes them', () => {
    const params = reflect(source).structs.find((struct) => struct.name === 'Params');
    const members = params?.members ?? [];
    expect(shader.params.fields.map(({ name, offset }) => ({ name, offset }))).toEqual(
      members.map(({ name, offset }) => ({ name, offset })),
    );
    // The struct's size rounds to its own alignment, the host's to 16 bytes, as uniform buffers are bound.
    expect(shader.params.sizeBytes).toBe(Math.ceil((params?.size ?? 0) / 16) * 16);
  });

  it('is run by a host file', () => {
    expect(hostFiles).toContain(`/${name}.wgsl?raw`);
  });
});

function bindingType({ resourceType, access, type }: VariableInfo): ShaderBinding['type'] {
  if (resourceType === ResourceType.Uniform) return 'uniform';
  if (resourceType === ResourceType.Texture) return type.name === 'texture_external' ? 'external-texture' : 'texture';
  return access === 'read_write' ? 'storage' : 'read-only-storage';
}

async function compileErrors(code: string): Promise<string[]> {
  const { acquired } = await testDevice();
  acquired.device.pushErrorScope('validation');
  const { messages } = await acquired.device.createShaderModule({ code }).getCompilationInfo();
  await acquired.device.popErrorScope();
  return messages.filter((m) => m.type === 'error').map((m) => `line ${m.lineNum}: ${m.message}`);
}

/** Declarations only: wgsl_reflect's parser stumbles over some expressions in function bodies. */
function reflect(source: string): WgslReflect {
  const code = source.replace(/\/\/.*$/gm, '');
  const bodies = /(\bfn\s+\w+\s*\([^{]*)\{/g;
  let declarations = '';
  let end = 0;
  for (const match of code.matchAll(bodies)) {
    declarations += `${code.slice(end, match.index)}${match[1]}{}`;
    end = match.index + match[0].length;
    for (let depth = 1; depth > 0; end++) depth += Number(code[end] === '{') - Number(code[end] === '}');
  }
  return new WgslReflect(declarations + code.slice(end));
}

it('a text asks for a storage type and for a subgroup size, each where it is given', () => {
  const shader = defineShader('one', 'alias Scalar = f32;\n@compute @workgroup_size(8) fn main() {}');
  expect(shaderText(shader, 'f32')).toBe(shader.source);
  expect(shaderText(shader, 'f16', 8)).toBe(
    'enable subgroup_size_control;\nenable f16;\nalias Scalar = f16;\n@compute @subgroup_size(8) @workgroup_size(8) fn main() {}',
  );
});
