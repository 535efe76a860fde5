import type { Change } from './sample';

/** What is replaced by what; `$1` and so on are the groups. Spaces keep types like `array<f32>` out. */
const SWAPS: readonly (readonly [pattern: RegExp, by: readonly string[]])[] = [
  [/ < /g, [' <= ', ' > ']],
  [/ <= /g, [' < ']],
  [/ > /g, [' >= ', ' < ']],
  [/ >= /g, [' > ']],
  [/ == /g, [' != ']],
  [/ != /g, [' == ']],
  [/ \+ /g, [' - ']],
  [/ - /g, [' + ']],
  [/ \* /g, [' + ']],
  [/ \/ /g, [' * ']],
  [/ % /g, [' / ']],
  [/ \+= /g, [' -= ', ' = ']],
  [/ && /g, [' || ']],
  [/ \|\| /g, [' && ']],
  // Constants, but for digits of names and of types.
  [/(?<![\w.])(\d+)(u?)(?![\w.])/g, ['($1$2 + 1$2)']],
  [/(?<![\w.])(\d+\.\d+)(?![\w])/g, ['($1 + 1.0)']],
  // Indices: neighbours of the element, and of the component.
  [/(?<=\w)\[([^\][]+)\]/g, ['[$1 + 1]']],
  [/(?<=[\w)\]])\.x\b/g, ['.y']],
  [/(?<=[\w)\]])\.y\b/g, ['.x']],
];

/** Calls that give one of their arguments most of the time: taken away, that argument stays. */
const REMOVED: Readonly<Record<string, number>> = { clamp: 0, select: 1, min: 0, max: 0 };

/** All mutants of a shader: comparisons, operators, constants, indices, and calls that are taken away. */
export function mutantsOf(source: string): Change[] {
  const lines = source.split('\n');
  return lines.flatMap((text, line) => {
    if (!isArithmetic(text)) return [];
    const end = text.includes('//') ? text.indexOf('//') : text.length;
    const code = text.slice(0, end);
    return [...swaps(code), ...removals(code)].map(({ at, from, to }) => {
      const changed = code.slice(0, at) + to + code.slice(at + from.length) + text.slice(end);
      return { line: line + 1, column: at + 1, from, to, source: lines.with(line, changed).join('\n') };
    });
  });
}

/** Declarations are left alone: the host reads bindings and parameters from them and sets the overrides. */
function isArithmetic(text: string): boolean {
  return !/^\s*(\/\/|@|override|alias|enable|struct|var<|\w+: [\w<>, ]+,|fn |const )/.test(text);
}

interface Edit {
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

function swaps(code: string): Edit[] {
  return SWAPS.flatMap(([pattern, by]) =>
    [...code.matchAll(pattern)].flatMap((match) =>
      by.map((to) => ({ at: match.index, from: match[0], to: to.replace(/\$(\d)/g, (_, group) => match[group]) })),
    ),
  );
}

function removals(code: string): Edit[] {
  return [...code.matchAll(/\b(clamp|select|min|max)\(/g)].flatMap((match) => {
    const call = callAt(code, match.index, match[0].length);
    if (!call) return [];
    return [{ at: match.index, from: call.text, to: `(${call.arguments[REMOVED[match[1]]].trim()})` }];
  });
}

/** The text of a call and its arguments, if it ends in the same line. */
function callAt(code: string, at: number, opening: number): { text: string; arguments: string[] } | undefined {
  const given: string[] = [];
  let depth = 0;
  let start = at + opening;
  for (let i = start; i < code.length; i++) {
    if ('([{'.includes(code[i])) depth++;
    else if (depth > 0 && ')]}'.includes(code[i])) depth--;
    else if (depth === 0 && (code[i] === ',' || code[i] === ')')) {
      given.push(code.slice(start, i));
      start = i + 1;
      if (code[i] === ')') return { text: code.slice(at, i + 1), arguments: given };
    }
  }
  return undefined;
}
