import { expect, test } from 'vitest';
import { listShaders } from '../support/shaders';

/** WGSL has no includes: shaders share functions and structs as copies. These differ from shader to shader, and why. */
const OWN: Readonly<Record<string, string>> = {
  activate: 'quads choose one of several activations, where layers that differ share a pipeline',
  colour_at: 'a picture is laid over white, and video is opaque',
  load_column: 'each Winograd pass reads patches or products of its own size',
  multiply_add: 'the stem leaves out the channels that a picture does not have',
  store: "each kernel ends its tile: patches may reach past the picture, and upsampling's end has no residual",
  sum_of: 'layer normalisation uses the workgroup memory again, and waits for the last reader',
  transform: 'each Winograd pass has a matrix of its own',
  weights: 'the stem leaves out channels, and Winograd reads filters that were transformed',
};

interface Definition {
  readonly shader: string;
  readonly name: string;
  /** With its types: functions with the same name but other types are other functions. */
  readonly key: string;
  readonly body: string;
}

function definitions({ name: shader, source }: { name: string; source: string }): Definition[] {
  const code = source.replace(/\/\/.*/g, '').replace(/\s+/g, ' ');
  return Array.from(code.matchAll(/\b(fn|struct) (\w+) ?([^{]*)\{/g), (match) => {
    const [start, kind, name, signature] = match;
    let end = match.index + start.length;
    for (let depth = 1; depth > 0; end++) depth += Number(code[end] === '{') - Number(code[end] === '}');
    const types = signature.replace(/@\w+(\([^)]*\))? |\w+: /g, '').trim();
    return { shader, name, key: `${kind} ${name}${types}`, body: code.slice(match.index, end).replace(', }', ' }') };
  });
}

function groupBy(all: readonly Definition[], key: 'key' | 'body'): Map<string, Definition[]> {
  const groups = new Map<string, Definition[]>();
  for (const one of all) groups.set(one[key], [...(groups.get(one[key]) ?? []), one]);
  return groups;
}

/** Every shader writes these for itself. */
const ENTRIES = ['main', 'vertex_main', 'fragment_main', 'Params'];

const byKey = groupBy(
  listShaders()
    .flatMap(definitions)
    .filter(({ name }) => !ENTRIES.includes(name)),
  'key',
);

/** Names of which copies differ, with the shaders that have each body. */
const different = [...byKey].flatMap(([key, copies]) => {
  const bodies = [...groupBy(copies, 'body').values()];
  const where = bodies.map((same) => same.map(({ shader }) => shader).join(', ')).join(' | ');
  return bodies.length > 1 ? [{ name: copies[0].name, where: `${key}: ${where}` }] : [];
});

test('functions and structs of one name and type have one body in all shaders, or a reason', () => {
  expect(different.filter(({ name }) => !(name in OWN)).map(({ where }) => where)).toEqual([]);
});

test('every reason is still needed', () => {
  expect(Object.keys(OWN).filter((own) => !different.some(({ name }) => name === own))).toEqual([]);
});

test('the copies that are known are found', () => {
  const copies = (start: string): number => [...byKey].find(([key]) => key.startsWith(start))?.[1].length ?? 0;
  expect(copies('struct View')).toBeGreaterThan(20);
  expect(copies('fn activate(vec4f)')).toBeGreaterThan(10);
});
