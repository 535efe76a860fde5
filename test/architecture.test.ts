import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/** The rooms of src, and those right below each: a file may import from every room below its own. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  single: ['index'],
  index: ['tasks', 'open-runner'],
  'open-runner': ['engine', 'cpu'],
  cli: ['tasks', 'cpu', 'compare-tensors'],
  tasks: ['heads'],
  heads: ['engine', 'models'],
  engine: ['gpu', 'formats', 'runner'],
  models: ['formats', 'picture'],
  formats: ['reference', 'float16'],
  cpu: ['reference'],
  reference: ['runner', 'picture'],
  gpu: ['graph', 'picture', 'float16', 'version', 'compare-tensors'],
  runner: ['graph', 'picture'],
  graph: ['operators'],
  picture: ['operators'],
  operators: ['tensor'],
  'compare-tensors': ['tensor'],
  tensor: ['arguments'],
  arguments: ['errors'],
  errors: [],
  float16: [],
  version: [],
};

const SRC = resolve('src');
/** `import … from`, `export … from`, `import(…)`: types and what is loaded later count as well. */
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]/g;

function roomOf(file: string): string {
  const [first] = relative(SRC, file).split(/[/\\]/);
  // An engine and its models are one room.
  return first.replace(/\.ts$/, '').replace(/^model$/, 'engine');
}

function isBelow(room: string, other: string): boolean {
  return BELOW[room].some((below) => below === other || isBelow(below, other));
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

it('every file of src lies in a room that has its place in the order', () => {
  expect(files.filter((file) => !Object.hasOwn(BELOW, roomOf(file)))).toEqual([]);
});

it('imports lead from a room to rooms below it', () => {
  const upward = files.flatMap((file) => {
    const targets = Array.from(readFileSync(file, 'utf8').matchAll(IMPORT), ([, path]) => resolve(dirname(file), path));
    return targets
      .map((target) => (existsSync(`${target}.ts`) ? `${target}.ts` : target))
      .filter((target) => target.startsWith(SRC) && roomOf(target) !== roomOf(file))
      .filter((target) => !isBelow(roomOf(file), roomOf(target)))
      .map((target) => `${relative(SRC, file)} → ${relative(SRC, target)}`);
  });
  expect(upward).toEqual([]);
});
