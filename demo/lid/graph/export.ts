import type { Layer } from '../layers';
import type { Box } from './nodes';
import { SIDE } from './thumbnails';

interface Drawn {
  readonly box: Box;
  readonly button: HTMLButtonElement;
  readonly text: readonly string[];
  readonly thumbnail: HTMLCanvasElement | undefined;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The graph as a file of its own: colours as they are on the page now, thumbnails within. */
export function toSvg(
  title: string,
  [width, height]: readonly [number, number],
  paths: readonly string[],
  drawn: ReadonlyMap<Layer, Drawn>,
): string {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const nodes = [...drawn.values()].map(({ box, button, text, thumbnail }) => {
    const { left, top } = box;
    const fill = getComputedStyle(button).backgroundColor;
    const picture = thumbnail
      ? `<image x="${left + 6}" y="${top + 6}" width="${SIDE}" height="${SIDE}" href="${thumbnail.toDataURL()}"/>`
      : '';
    const lines = text.map(
      (line, i) =>
        `<text x="${left + SIDE + 12}" y="${top + 18 + 16 * i}" font-size="${i === 0 ? 12 : 11}" fill="${colour(i === 0 ? '--text' : '--muted')}">${escaped(line)}</text>`,
    );
    const frame = `<rect x="${left}" y="${top}" width="${box.width}" height="${box.height}" rx="8" fill="${fill}" stroke="${colour('--edge')}"/>`;
    return `<g><title>${escaped(text.join('\n'))}</title>${frame}${picture}${lines.join('')}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${colour('--card')}"/>`,
    ...paths.map((path) => `<path d="${path}" fill="none" stroke="${colour('--edge')}" stroke-width="1.5"/>`),
    ...nodes,
    '</svg>',
  ].join('\n');
}
