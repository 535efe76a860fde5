import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { kindOfWord } from '../highlight';

/** WGSL in colours, token by token as elsewhere on the page. */
const language = StreamLanguage.define({
  name: 'WGSL',
  token(stream: StringStream): string | null {
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^@\w+/)) return 'keyword';
    if (stream.match(/^(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)[iufh]?/)) return 'number';
    if (stream.match(/^[A-Za-z_]\w*/)) return kindOfWord(stream.current(), stream.peek()) ?? null;
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//' } },
  tokenTable: { type: tags.typeName, builtin: tags.function(tags.variableName) },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)' },
  { tag: tags.keyword, color: 'var(--keyword)' },
  { tag: tags.typeName, color: 'var(--type)' },
  { tag: tags.number, color: 'var(--number)' },
  { tag: tags.function(tags.variableName), color: 'var(--builtin)' },
]);

export const wgsl = [language, syntaxHighlighting(colours)];
