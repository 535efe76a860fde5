import { make } from '../dom';

const KEYWORDS = new Set(
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override return struct switch true var while'.split(
    ' ',
  ),
);
const TYPES =
  /^(bool|[iu]32|f16|f32|vec[234][fiuh]?|mat[234]x[234][fh]?|array|atomic|ptr|texture_\w+|sampler|Scalar|Vec4)$/;

/** Comments, attributes, numbers, words; what is between them is left as it is. */
const TOKEN = /(\/\/[^\n]*)|(@\w+)|(\b(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)[iufh]?\b)|([A-Za-z_]\w*)/g;

/**
 * WGSL in colours, with the live value behind every word that has one.
 *
 * @param values what the launch sets, overrides and parameters, by name
 */
export function highlight(source: string, values: ReadonlyMap<string, string> = new Map()): HTMLElement {
  const code = make('code');
  const shown = new Set<string>();
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    const [text, comment, attribute, number, word] = match;
    code.append(source.slice(end, match.index));
    end = match.index + text.length;
    const kind = comment ? 'comment' : attribute ? 'keyword' : number ? 'number' : kindOfWord(word, source[end]);
    code.append(kind ? make('span', { class: kind }, text) : text);
    const value = word && !shown.has(word) ? values.get(word) : undefined;
    // Once each, where it is declared.
    if (value !== undefined && /^\s*[:=]/.test(source.slice(end))) {
      shown.add(word);
      code.append(make('span', { class: 'filled-in' }, `= ${value}`));
    }
  }
  code.append(source.slice(end));
  return make('pre', {}, code);
}

/** Of which kind a word of WGSL is, with the letter behind it. */
export function kindOfWord(word: string, next: string | undefined): string | undefined {
  if (KEYWORDS.has(word)) return 'keyword';
  if (TYPES.test(word)) return 'type';
  return next === '(' ? 'builtin' : undefined;
}
