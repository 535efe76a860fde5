/** The text of each block of a lesson, by its name. */
export type Blocks = Readonly<Record<string, string>>;

/**
 * A page with new text in one of its blocks, which lie between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error naming the page where it has no such block
 */
export function replaceBlock(page: string, name: string, text: string, path: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the text: "${begin}" … "${end}"`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

/** A table in Markdown. */
export function tableOf(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), `|${'---|'.repeat(headings.length)}`, ...rows.map(line)].join('\n');
}

/** The name that a lesson's blocks have for an adapter. */
export const adapterBlock = (adapter: string): string =>
  /lavapipe|llvmpipe/i.test(adapter) ? 'lavapipe' : /swiftshader/i.test(adapter) ? 'swiftshader' : 'yours';
