import type { GraphNode } from '../graph';
import type { GraphEditor } from './editor';

/** The slopes of a PReLU, one for each channel of its input, if they are constants; undefined for any other node. */
export function preluSlopes(
  editor: GraphEditor,
  { inputs, attributes }: GraphNode<'binary'>,
): Float32Array | undefined {
  const [x, slope] = inputs;
  const slopes = editor.constant(slope);
  if (attributes.fn !== 'prelu' || !slopes) return undefined;
  const shape = editor.shape(x);
  const offset = shape.length - slopes.shape.length;
  const fits = offset >= 0 && slopes.shape.every((n, i) => n === 1 || (i + offset === 1 && n === shape[1]));
  return fits ? Float32Array.from({ length: shape[1] }, (_, c) => slopes.data[c % slopes.size]) : undefined;
}
