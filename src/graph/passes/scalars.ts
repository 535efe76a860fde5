import type { GraphNode } from '../graph';
import type { GraphEditor } from './editor';

/** The value of a one-element constant. */
export function scalar(editor: GraphEditor, value: string): number | undefined {
  const tensor = editor.constant(value);
  return tensor?.size === 1 ? tensor.data[0] : undefined;
}

/** x and k, if the node is `x fn k` with a scalar k. */
export function withScalar(
  editor: GraphEditor,
  node: GraphNode | undefined,
  fn: string,
): [x: string, k: number] | undefined {
  if (node?.op !== 'binary' || node.attributes.fn !== fn) return undefined;
  const [a, b] = node.inputs;
  const k = scalar(editor, b) ?? (fn === 'add' || fn === 'mul' ? scalar(editor, a) : undefined);
  if (k === undefined) return undefined;
  return [scalar(editor, b) !== undefined ? a : b, k];
}
