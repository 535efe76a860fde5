import type { GraphNode } from '../graph/graph';
import { type Shape, stridesOf } from '../tensor';
import { type Layout, layoutSize, layoutStrides } from './layout';

/** Where a value's elements are within the memory of its root. */
export interface MemoryView {
  readonly root: string;
  readonly offset: number;
  readonly strides: readonly number[];
}

interface ValueLayout {
  readonly shape: Shape;
  readonly layout: Layout;
}

type Values = ReadonlyMap<string, ValueLayout>;
type Views = ReadonlyMap<string, MemoryView>;

/** How the readers of a linear value take it, if they take parts of longer rows: by whole vec4s, or value by value. */
export type Parts = 'rows' | 'values';

interface ViewUse {
  readonly asPart?: Parts;
  /** Elements of the root, when the value's maker will write through the view. Behind a root there is room for a whole vec4. */
  readonly writtenRootSize?: number;
  /** The lanes behind the value's last channel are padding of the root too, or its maker fills them. */
  readonly lastChannels: boolean;
}

/** Whether kernels can use a value of this shape and layout at this view: linear ones read and write whole vec4s. */
function fits({ shape, layout }: ValueLayout, view: MemoryView, use: ViewUse): boolean {
  const { writtenRootSize, lastChannels, asPart } = use;
  if (layout === 'linear' && asPart === 'values') return view.strides.every((stride) => stride >= 0);
  if (view.offset % 4 !== 0) return false;
  if (layout === 'linear') {
    const dense = stridesOf(shape);
    const size = layoutSize(shape, layout);
    const alone = writtenRootSize === undefined || size % 4 === 0 || view.offset + size === writtenRootSize;
    const last = shape.length - 1;
    const isRow = (stride: number, axis: number): boolean => (axis === last ? stride === 1 : stride % 4 === 0);
    if (asPart && view.strides.every(isRow)) return true;
    return alone && shape.every((extent, axis) => extent === 1 || view.strides[axis] === dense[axis]);
  }
  const [, channels] = shape;
  const vectors = view.strides.every((stride, axis) =>
    axis === 1 ? stride === 1 : shape[axis] === 1 || (stride >= 0 && stride % 4 === 0),
  );
  return vectors && (channels % 4 === 0 || lastChannels);
}

/** Clashes mended one at a time. */
const MOST_ROUNDS = 32;

/**
 * Decides which values share memory, so that reshape, transpose, split and slice need not run and concatenation is
 * written in place: the parts of a concatenation are made where they belong, and a view of a value is not copied.
 *
 * No node may read and write the same root: WebGPU forbids one dispatch to bind a buffer both ways.
 *
 * @param fixed values whose memory is their own: graph inputs and constants may be read through views, never written
 * @param parts values whose readers take linear rows that are parts of longer ones
 */
export function planViews(
  nodes: readonly GraphNode[],
  values: Values,
  fixed: ReadonlySet<string>,
  parts: ReadonlyMap<string, Parts> = new Map(),
): Map<string, MemoryView> {
  const forbidden = new Set<string>();
  for (let round = 0; ; round++) {
    const views = assignViews(nodes, values, fixed, parts, forbidden);
    const clashes = nodes.filter((node) => readsWhatItWrites(node, views, values));
    if (clashes.length === 0) return views;
    // Mending one may mend others; where there are many, the time for that would grow with their square.
    for (const clash of round < MOST_ROUNDS ? clashes.slice(0, 1) : clashes) {
      for (const output of clash.outputs) forbidden.add(output);
      if (clash.op === 'concat') for (const input of clash.inputs) forbidden.add(input);
    }
  }
}

/** Whether a node that has work to do would bind one root for reading and writing. */
function readsWhatItWrites(node: GraphNode, views: Views, values: Values): boolean {
  const starts = startsOf(node, values);
  return node.outputs.some((output, o) =>
    node.inputs.some((input, i) => {
      const from = views.get(input)!;
      const to = views.get(output)!;
      return from.root === to.root && !isInPlace(node, i, o, from, to, values, starts);
    }),
  );
}

/** Whether input `i` and output `o` are the same elements at the same place, so that the node has nothing to do. */
function isInPlace(
  node: GraphNode,
  i: number,
  o: number,
  from: MemoryView,
  to: MemoryView,
  values: Values,
  starts: readonly number[],
): boolean {
  const shapeOf = (value: string): Shape => values.get(value)!.shape;
  if (node.op === 'concat') {
    const { axis } = node.attributes;
    return sameView(shapeOf(node.inputs[i]), from, { ...to, offset: to.offset + starts[i] * to.strides[axis] });
  }
  const seen = isViewNode(node) ? seenThrough(node, o, from, values, starts) : undefined;
  return seen !== undefined && sameView(shapeOf(node.outputs[o]), seen, to);
}

function sameView(shape: Shape, a: MemoryView, b: MemoryView): boolean {
  const strides = shape.every((extent, axis) => extent === 1 || a.strides[axis] === b.strides[axis]);
  return a.root === b.root && a.offset === b.offset && strides;
}

type ViewNode = GraphNode<'split' | 'slice' | 'transpose' | 'reshape'>;
const isViewNode = (node: GraphNode): node is ViewNode => ['split', 'slice', 'transpose', 'reshape'].includes(node.op);

/** Output `o` of a node that only looks at its input differently, in the input's memory; undefined if it has no view. */
function seenThrough(
  node: ViewNode,
  o: number,
  from: MemoryView,
  values: Values,
  starts: readonly number[],
): MemoryView | undefined {
  const { root, offset, strides } = from;
  switch (node.op) {
    case 'transpose':
      return { root, offset, strides: node.attributes.permutation.map((axis) => strides[axis]) };
    case 'reshape': {
      const reshaped = reshapedStrides(values.get(node.inputs[0])!, from, values.get(node.outputs[0])!);
      return reshaped && { root, offset, strides: reshaped };
    }
    case 'split': {
      const { axis } = node.attributes;
      return { root, offset: offset + starts[o] * strides[axis], strides };
    }
    case 'slice': {
      const { starts, steps } = node.attributes;
      const first = starts.reduce((at, start, axis) => at + start * strides[axis], offset);
      return { root, offset: first, strides: strides.map((stride, axis) => stride * steps[axis]) };
    }
  }
}

/** Whether the channels of an output run to the end of its input's, so that the padding lanes behind are the same. */
function keepsLastChannels(node: ViewNode, o: number, channels: number): boolean {
  switch (node.op) {
    case 'split':
      return node.attributes.axis !== 1 || o === node.outputs.length - 1;
    case 'slice': {
      const { starts, steps, sizes } = node.attributes;
      return steps[1] === 1 && starts[1] + sizes[1] === channels;
    }
    case 'transpose':
      return node.attributes.permutation.every((axis, i) => axis === i);
    case 'reshape':
      return false;
  }
}

/** Where the parts of a concatenation or a split begin along its axis. */
function startsOf(node: GraphNode, values: Values): number[] {
  const lengths =
    node.op === 'concat'
      ? node.inputs.map((input) => values.get(input)!.shape[node.attributes.axis])
      : node.op === 'split'
        ? node.attributes.sizes
        : [];
  let end = 0;
  return lengths.map((length) => {
    const start = end;
    end += length;
    return start;
  });
}

function assignViews(
  nodes: readonly GraphNode[],
  values: Values,
  fixed: ReadonlySet<string>,
  parts: ReadonlyMap<string, Parts>,
  forbidden: ReadonlySet<string>,
): Map<string, MemoryView> {
  const views = new Map<string, MemoryView>();
  const viewOf = (value: string): MemoryView => {
    const { shape, layout } = values.get(value)!;
    return views.get(value) ?? { root: value, offset: 0, strides: layoutStrides(shape, layout) };
  };
  const assign = (value: string, view: MemoryView, use: ViewUse): void => {
    if (views.has(value) || forbidden.has(value) || view.root === value) return;
    if (fits(values.get(value)!, view, use)) views.set(value, view);
  };
  const assignWritten = (value: string, view: MemoryView, lastChannels = false): void => {
    const { shape, layout } = values.get(view.root)!;
    if (!fixed.has(value)) assign(value, view, { writtenRootSize: layoutSize(shape, layout), lastChannels });
  };

  // Backwards: makers write where a later concatenation wants their result.
  for (const node of nodes.toReversed()) {
    if (node.op === 'concat') {
      const { axis } = node.attributes;
      const whole = viewOf(node.outputs[0]);
      const layout = values.get(node.outputs[0])!.layout;
      let start = 0;
      for (const [i, input] of node.inputs.entries()) {
        const part = { ...whole, offset: whole.offset + start * whole.strides[axis] };
        // Only the last part along the channels reaches the lanes behind them, and its maker fills them.
        const last = axis !== 1 || i === node.inputs.length - 1;
        if (values.get(input)!.layout === layout) assignWritten(input, part, last);
        start += values.get(input)!.shape[axis];
      }
    } else if (node.op === 'transpose' && views.has(node.outputs[0])) {
      const { root, offset, strides } = viewOf(node.outputs[0]);
      const before = new Array<number>(strides.length);
      for (const [to, from] of node.attributes.permutation.entries()) before[from] = strides[to];
      assignWritten(node.inputs[0], { root, offset, strides: before });
    } else if (node.op === 'reshape' && views.has(node.outputs[0])) {
      const { root, offset } = viewOf(node.outputs[0]);
      const { shape, layout } = values.get(node.inputs[0])!;
      if (layout === 'linear' && values.get(node.outputs[0])!.layout === 'linear') {
        assignWritten(node.inputs[0], { root, offset, strides: stridesOf(shape) });
      }
    }
  }

  // Forwards: what only looks at its input differently shares its memory.
  for (const node of nodes) {
    if (!isViewNode(node)) continue;
    const [x] = node.inputs;
    const starts = startsOf(node, values);
    for (const [o, output] of node.outputs.entries()) {
      const seen = seenThrough(node, o, viewOf(x), values, starts);
      const lastChannels = keepsLastChannels(node, o, values.get(x)!.shape[1]);
      if (seen) assign(output, seen, { lastChannels, asPart: parts.get(output) });
    }
  }
  for (const value of values.keys()) if (!views.has(value)) views.set(value, viewOf(value));
  return views;
}

/** The strides under which a reshaped value lies in its source's memory, if the two orders agree. */
function reshapedStrides(source: ValueLayout, view: MemoryView, target: ValueLayout): number[] | undefined {
  if (source.layout === 'linear' && target.layout === 'linear') return stridesOf(target.shape);
  // One pixel of whole vec4s is the same run of numbers in both layouts.
  const flat = ({ shape, layout }: ValueLayout): boolean => layout === 'linear' || (shape[2] === 1 && shape[3] === 1);
  const packed = layoutStrides(source.shape, source.layout);
  const contiguous = source.shape.every((extent, axis) => extent === 1 || view.strides[axis] === packed[axis]);
  if (!flat(source) || !flat(target) || !contiguous) return undefined;
  const channels = (source.layout === 'nhwc4' ? source : target).shape[1];
  // Reading row by row, padding lanes behind a single pixel are never met.
  const noGaps = channels % 4 === 0 || (target.layout === 'linear' && source.shape[0] === 1);
  return noGaps ? layoutStrides(target.shape, target.layout) : undefined;
}
