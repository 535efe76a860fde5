import { expect, test } from 'vitest';
import { mutantsOf } from './typescript';

const changes = (source: string): string[] => mutantsOf(source).map((change) => change.source);

test('comparisons, logic and arithmetic are changed, one at a time', () => {
  expect(changes('const a = b < c && d;')).toEqual([
    'const a = b < c || d;',
    'const a = b <= c && d;',
    'const a = b >= c && d;',
  ]);
  expect(changes('const a = b + c;')).toEqual(['const a = b - c;']);
});

test('conditions always hold, or never', () => {
  expect(changes('if (a) b;')).toEqual(['if (true) b;', 'if (false) b;', 'if (a) ;']);
  expect(changes('const a = b ? c : d;')).toEqual(['const a = true ? c : d;', 'const a = false ? c : d;']);
});

test('constants, signs and methods are changed, and calls are taken away', () => {
  expect(changes('const a = -3;')).toEqual(['const a = (3);', 'const a = -(3 + 1);']);
  expect(changes('const a = b.filter(c).some(d);')).toEqual([
    'const a = b.filter(c).every(d);',
    'const a = b.some(d);',
  ]);
  expect(changes('const a = Math.min(b, c);')).toEqual(['const a = Math.max(b, c);']);
});

test('types, imports, text and the call of a parent stay', () => {
  const source = [
    "import { a } from 'a';",
    'interface B { readonly c: 1 | true }',
    "const d: 3 = f('a' + g);",
    'class H extends I { constructor() { super(); } }',
  ].join('\n');
  expect(changes(source)).toEqual([]);
});
