import { type Shape, sameShape, sizeOf, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';

/**
 * Merges the convolutions of a detector's heads that read the same feature map. Each makes a few rows per pixel:
 *
 * ```
 * classes = concat(rows(conv(p3, a)), rows(conv(p4, a)), …)     [N, B, K]    rows: [N, A · K, H, W] to [N, H · W · A, K]
 * offsets = concat(rows(conv(p3, b)), rows(conv(p4, b)), …)     [N, B, 4]
 * ```
 *
 * The merged convolution writes a row's classes and offsets side by side. Each part starts at a multiple of four
 * channels, with filters of zeros between. The joined rows `[N, B, K' + 4]` are written in place, and readers of
 * classes or offsets look at a part of each row.
 */
export const mergeHeads: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  const merged = new Map<string, string>();
  const heads = editor.nodes().flatMap((node) => headOf(editor, node) ?? []);
  while (heads.length > 0) {
    const [first] = heads;
    const alike = heads.filter((head) => head === first || readTheSame(first, head));
    for (const head of alike) heads.splice(heads.indexOf(head), 1);
    if (alike.length > 1) merge(editor, alike, merged);
  }
  return editor.build();
};

/** The nodes from one feature map to rows. */
interface Branch {
  readonly conv: GraphNode<'conv2d'>;
  readonly transpose: GraphNode<'transpose'>;
  readonly reshape: GraphNode<'reshape'>;
  /** `[A · K, C, KH, KW]` and `[A · K]` */
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Rows `[N, B, K]` joined from several feature maps. */
interface Head {
  readonly concat: GraphNode<'concat'>;
  readonly branches: readonly Branch[];
  /** K */
  readonly width: number;
}

function headOf(editor: GraphEditor, concat: GraphNode): Head | undefined {
  if (concat.op !== 'concat' || concat.attributes.axis !== 1) return undefined;
  const branches = concat.inputs.map((rows): Branch | undefined => {
    const reshape = editor.madeFor(rows, concat, 'reshape');
    const transpose = reshape && editor.madeFor(reshape.inputs[0], reshape, 'transpose');
    const conv = transpose && editor.madeFor(transpose.inputs[0], transpose, 'conv2d');
    const [weight, bias] = conv ? conv.inputs.slice(1).map((input) => editor.constant(input)) : [];
    if (!conv || !weight || !bias || transpose.attributes.permutation.join() !== '0,2,3,1') return undefined;
    const isPlain = conv.attributes.groups === 1 && conv.attributes.residual === 'none';
    const { shape } = reshape.attributes;
    return isPlain && shape.length === 3 && weight.shape[0] % shape[2] === 0
      ? { conv, transpose, reshape, weight, bias }
      : undefined;
  });
  const width = editor.shape(concat.outputs[0])[2];
  return branches.every((branch) => branch !== undefined) ? { concat, branches, width } : undefined;
}

/** Whether two heads slide equal windows over the same maps and make the same number of rows per pixel. */
function readTheSame(a: Head, b: Head): boolean {
  const alike = (p: Branch, q: Branch): boolean =>
    p.conv.inputs[0] === q.conv.inputs[0] &&
    JSON.stringify(p.conv.attributes) === JSON.stringify(q.conv.attributes) &&
    sameShape(p.weight.shape.slice(1), q.weight.shape.slice(1)) &&
    p.weight.shape[0] / a.width === q.weight.shape[0] / b.width;
  return a.branches.length === b.branches.length && a.branches.every((branch, i) => alike(branch, b.branches[i]));
}

/** @param merged names of merged constants by those that they are made of: maps that share a head go on sharing it */
function merge(editor: GraphEditor, heads: readonly Head[], merged: Map<string, string>): void {
  const [first] = heads;
  const starts: number[] = [];
  let width = 0;
  for (const head of heads) {
    starts.push(width);
    width += 4 * Math.ceil(head.width / 4);
  }
  const joined = (like: GraphNode, shape: Shape): string =>
    editor.addValue(`${like.outputs[0]}.joined`, { shape, dtype: 'float32' });

  const inputs = first.branches.map(({ conv, transpose, reshape, weight }, i) => {
    const branches = heads.map((head) => head.branches[i]);
    const perPixel = weight.shape[0] / first.width;
    const constant = (part: 'weight' | 'bias', input: number): string => {
      const name = branches.map((branch) => branch.conv.inputs[input]).join('+');
      const parts = branches.map((branch, h) => ({ tensor: branch[part], start: starts[h], width: heads[h].width }));
      const known = merged.get(name) ?? editor.addConstant(name, interleave(parts, perPixel, width));
      merged.set(name, known);
      return known;
    };
    const [batch, , height, columns] = editor.shape(conv.outputs[0]);
    const y = joined(conv, [batch, perPixel * width, height, columns]);
    const last = joined(transpose, [batch, height, columns, perPixel * width]);
    const shape = reshape.attributes.shape.with(2, width);
    const rows = joined(reshape, shape);
    for (const other of branches.slice(1)) {
      for (const node of [other.conv, other.transpose, other.reshape]) editor.remove(node);
    }
    editor.replace(conv, {
      ...conv,
      inputs: [conv.inputs[0], constant('weight', 1), constant('bias', 2)],
      outputs: [y],
    });
    editor.replace(transpose, { ...transpose, inputs: [y], outputs: [last] });
    editor.replace(reshape, { ...reshape, attributes: { shape }, inputs: [last], outputs: [rows] });
    return rows;
  });

  const [batch, count] = editor.shape(first.concat.outputs[0]);
  const all: GraphNode<'concat'> = { ...first.concat, inputs, outputs: [joined(first.concat, [batch, count, width])] };
  for (const [h, { concat, width: size }] of heads.entries()) {
    const part: GraphNode<'slice'> = {
      name: `${concat.name}.part`,
      op: 'slice',
      attributes: { starts: [0, 0, starts[h]], steps: [1, 1, 1], sizes: [batch, count, size] },
      inputs: all.outputs,
      outputs: concat.outputs,
    };
    if (h > 0) {
      editor.replace(concat, part);
    } else {
      editor.replace(concat, all);
      editor.insertAfter(all, part);
    }
  }
}

/** Merges filters for rows of `width` channels: each part's filters from its `start` on, and zeros between. */
function interleave(
  parts: readonly { tensor: Tensor; start: number; width: number }[],
  perPixel: number,
  width: number,
): Tensor {
  const inner = parts[0].tensor.shape.slice(1);
  const size = sizeOf(inner);
  const data = new Float32Array(perPixel * width * size);
  for (const { tensor, start, width: own } of parts) {
    for (let row = 0; row < perPixel; row++) {
      const filters = tensor.data.subarray(row * own * size, (row + 1) * own * size);
      data.set(filters, (row * width + start) * size);
    }
  }
  return Tensor.float32([perPixel * width, ...inner], data);
}
