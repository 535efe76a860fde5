import { expect, test } from 'vitest';
import { mutantsOf } from './wgsl';

const changes = (line: string): string[] => mutantsOf(line).map(({ source }) => source);

test('a comparison, an operator, a constant and an index are changed, one at a time', () => {
  expect(changes('  if (i >= n) { y = x[i]; }')).toEqual([
    '  if (i > n) { y = x[i]; }',
    '  if (i >= n) { y = x[i + 1]; }',
  ]);
  expect(changes('  let a = b.x * 4u;  // 3 * 3')).toEqual([
    '  let a = b.x + 4u;  // 3 * 3',
    '  let a = b.x * (4u + 1u);  // 3 * 3',
    '  let a = b.y * 4u;  // 3 * 3',
  ]);
});

test('a clamp, a select, a min and a max are taken away', () => {
  expect(changes('  return clamp(f(a, b), lo, hi);')).toEqual(['  return (f(a, b));']);
  expect(changes('  return select(vec4f(o), v, c);')).toEqual(['  return (v);']);
});

test('declarations, comments and types stay', () => {
  const source = [
    '// y = 2 * x',
    '@group(0) @binding(1) var<storage, read> x: array<Vec4>;',
    'override WORKGROUP: u32 = 64;',
    '  size: vec2<u32>,  // at least 1',
  ].join('\n');
  expect(mutantsOf(source)).toEqual([]);
});
