import type { Tensor } from '../../../src';
import { make, sized } from '../../dom';
import { valuesOf } from '../../loading';
import { asImage, paintChannel, plane, rangeOf, reach } from '../channel';
import type { Layer } from '../layers';
import type { Scene } from '../scene';

/** Numbers that are read back at once: 32 MB of them. */
const MOST_ELEMENTS = 8_000_000;
/** Pixels of a side. */
export const SIDE = 48;

/** The channel that reaches furthest from zero, small. */
function thumbnail(value: Tensor): HTMLCanvasElement | undefined {
  if (value.size === 0) return undefined;
  const image = asImage(value);
  const [, channels, height, width] = image.shape;
  const reaches = Array.from({ length: channels }, (_, channel) => reach(rangeOf(plane(image, channel))));
  const strongest = reaches.indexOf(Math.max(...reaches));
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const scale = SIDE / Math.max(height, width);
  const [w, h] = [width, height].map((size) => Math.max(1, Math.round(size * scale)));
  const context = sized(canvas, SIDE, SIDE);
  context.imageSmoothingEnabled = scale < 1;
  context.drawImage(paintChannel(image, strongest), (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  return canvas;
}

/**
 * What each layer makes of the picture, small, as they come; as many layers in one run of the network as fit in memory.
 *
 * @param isWanted asked before every layer
 */
export async function paintThumbnails(
  { runner, listing, input }: Scene,
  isWanted: () => boolean,
  onThumbnail: (layer: Layer, canvas: HTMLCanvasElement) => void,
): Promise<void> {
  const layers = listing.layers.filter(({ output }) => listing.graph.values.has(output));
  for (let start = 0; start < layers.length; ) {
    let end = start;
    for (let elements = 0; end < layers.length && (end === start || elements < MOST_ELEMENTS); end++) {
      elements += layers[end].shape.reduce((product, size) => product * size, 1);
    }
    const batch = layers.slice(start, end);
    const wanted = [...new Set(batch.map(({ output }) => output))];
    const values = await valuesOf(runner, listing.graph, input, wanted);
    for (const layer of batch) {
      if (!isWanted()) return;
      const canvas = thumbnail(values.get(layer.output)!);
      if (canvas) onThumbnail(layer, canvas);
      // The page stays alive between two of them.
      await new Promise((resolve) => setTimeout(resolve));
    }
    start = end;
  }
}
