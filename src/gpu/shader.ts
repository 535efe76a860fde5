import { ArgumentError } from '../errors';

/** The element type of a shader's storage buffers. */
export type StorageType = 'f32' | 'f16' | 'i32';

export interface ShaderBinding {
  readonly index: number;
  readonly name: string;
  readonly type: GPUBufferBindingType | 'texture' | 'external-texture';
}

interface ParamField {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
}

/** A shader with what its text declares: the host binds buffers and sets parameters by these names. */
export interface Shader {
  /** Stem of the file in shaders/. */
  readonly name: string;
  readonly source: string;
  /** The types behind its aliases, where they are not those of the file. */
  readonly variant?: string;
  readonly bindings: readonly ShaderBinding[];
  readonly params: { readonly fields: readonly ParamField[]; readonly sizeBytes: number };
  /** Names or numbers of its `@workgroup_size`. */
  readonly workgroup: readonly string[];
  /** Whole numbers that the text fixes, as `const SLICES = 8u;`, or gives by default, as `override LANES: u32 = 1;`. */
  readonly consts: Readonly<Record<string, number>>;
  /** The register tiles that it can make, the usual one first: `const TILES = array(vec2u(pixels, blocks), …);`. */
  readonly tiles: readonly RegisterTile[];
}

/** The outputs of one invocation: pixels, or groups of four pixels, times blocks of four output channels. */
export interface RegisterTile {
  readonly pixels: number;
  readonly blocks: number;
}

/** Values of a shader's `Params`, by field name; vectors and `View`s as lists. */
export type ParamValues = Readonly<Record<string, number | readonly number[]>>;

const BINDING =
  /@group\(0\)\s*@binding\((\d+)\)\s*var\s*(?:<\s*(uniform|storage)\s*(?:,\s*(read_write|read))?\s*>)?\s*(\w+)\s*:\s*(\w+)/g;
const PARAMS = /struct Params\s*\{([^}]*)\}/;
const CONST = /(?:const|override) (\w+)(?:\s*:\s*u32)?\s*=\s*(\d+)u?;/g;
const WORKGROUP = /@workgroup_size\(([^)]*)\)/;
const TILES = /const TILES\s*=\s*array\(([^;]*)\);/;
const COMMENTS = /\/\/[^\n]*/g;

/** Components and alignment of the types that `Params` may hold; a `View` is four u32. */
const FIELD_TYPES: Readonly<Record<string, { components: number; align: number; scalar: 'u32' | 'i32' | 'f32' }>> = {
  u32: { components: 1, align: 4, scalar: 'u32' },
  i32: { components: 1, align: 4, scalar: 'i32' },
  f32: { components: 1, align: 4, scalar: 'f32' },
  'vec2<u32>': { components: 2, align: 8, scalar: 'u32' },
  'vec2<i32>': { components: 2, align: 8, scalar: 'i32' },
  'vec2<f32>': { components: 2, align: 8, scalar: 'f32' },
  'vec4<u32>': { components: 4, align: 16, scalar: 'u32' },
  'vec4<i32>': { components: 4, align: 16, scalar: 'i32' },
  'vec4<f32>': { components: 4, align: 16, scalar: 'f32' },
  View: { components: 4, align: 16, scalar: 'u32' },
  'array<vec4<u32>, 2>': { components: 8, align: 16, scalar: 'u32' },
  'array<vec4<i32>, 2>': { components: 8, align: 16, scalar: 'i32' },
};

/**
 * Reads a shader's bindings and parameters from its text, so that the two sides cannot disagree.
 *
 * @param source WGSL as it lies in shaders/
 */
export function defineShader(name: string, source: string): Shader {
  const text = source.replace(COMMENTS, '');
  const bindings = [...text.matchAll(BINDING)].map(
    ([, index, space, access, name, type]): ShaderBinding => ({
      index: Number(index),
      name,
      type: bindingType(space, access, type),
    }),
  );
  const fields: ParamField[] = [];
  let end = 0;
  const body = text.match(PARAMS)?.[1] ?? '';
  for (const [, field, type] of body.matchAll(/(\w+)\s*:\s*(array<.*?>, \d>|[\w<>]+)\s*,?/g)) {
    const known = FIELD_TYPES[type];
    if (!known) throw new ArgumentError(`shader ${name}: Params.${field} has type ${type}, which hosts cannot set`);
    const offset = Math.ceil(end / known.align) * known.align;
    fields.push({ name: field, type, offset });
    end = offset + known.components * 4;
  }
  const tiles = [...(text.match(TILES)?.[1] ?? '').matchAll(/vec2u\((\d+), ?(\d+)\)/g)];
  return {
    name,
    source,
    bindings,
    params: { fields, sizeBytes: Math.ceil(end / 16) * 16 },
    workgroup: (text.match(WORKGROUP)?.[1] ?? '').split(',').map((size) => size.trim()),
    consts: Object.fromEntries([...text.matchAll(CONST)].map(([, constant, value]) => [constant, Number(value)])),
    tiles: tiles.map(([, pixels, blocks]) => ({ pixels: Number(pixels), blocks: Number(blocks) })),
  };
}

/** The shader with other types behind its aliases: `{ Element: 'vec4<Scalar>' }`. */
export function withAliases(shader: Shader, types: Readonly<Record<string, string>>): Shader {
  const rename = (text: string, [alias, type]: [string, string]): string =>
    text.replace(RegExp(`alias ${alias} = \\w+;`), `alias ${alias} = ${type};`);
  const source = Object.entries(types).reduce(rename, shader.source);
  return { ...shader, source, variant: Object.values(types).join() };
}

function bindingType(space: string | undefined, access: string | undefined, type: string): ShaderBinding['type'] {
  if (space === undefined) return type === 'texture_external' ? 'external-texture' : 'texture';
  if (space === 'uniform') return 'uniform';
  return access === 'read_write' ? 'storage' : 'read-only-storage';
}

/**
 * Lays out values as the shader's `Params`.
 *
 * @throws ArgumentError when a field is missing, unknown, or has the wrong number of components
 */
export function packParams(shader: Shader, values: ParamValues): Uint8Array {
  const bytes = new Uint8Array(shader.params.sizeBytes);
  const view = new DataView(bytes.buffer);
  const unknown = Object.keys(values).find((name) => !shader.params.fields.some((field) => field.name === name));
  if (unknown) throw new ArgumentError(`shader ${shader.name} has no parameter ${unknown}`);
  for (const { name, type, offset } of shader.params.fields) {
    const { components, scalar } = FIELD_TYPES[type];
    const value = values[name];
    const list = typeof value === 'number' ? [value] : (value ?? []);
    if (list.length !== components) {
      throw new ArgumentError(`shader ${shader.name}: Params.${name} needs ${components} values, got ${list.length}`);
    }
    for (const [i, component] of list.entries()) {
      if (scalar === 'f32') view.setFloat32(offset + i * 4, component, true);
      else view.setInt32(offset + i * 4, component, true);
    }
  }
  return bytes;
}

/**
 * The text that is compiled: the marked aliases `Scalar` and `Vec4` name the storage type, and the entry point asks for
 * a subgroup size, if there is one to ask for.
 */
export function shaderText(shader: Shader, storage: StorageType, subgroupSize?: number): string {
  let text = shader.source;
  if (storage !== 'f32') {
    text = text
      .replace(/alias Scalar = f32;/, `alias Scalar = ${storage};`)
      .replace(/alias Vec4 = vec4<f32>;/, `alias Vec4 = vec4<${storage}>;`);
  }
  if (storage === 'f16') text = `enable f16;\n${text}`;
  if (subgroupSize === undefined) return text;
  return `enable subgroup_size_control;\n${text.replace(/@compute/, `@compute @subgroup_size(${subgroupSize})`)}`;
}
