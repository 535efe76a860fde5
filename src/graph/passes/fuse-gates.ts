import type { UnaryAttributes } from '../../operators/unary';
import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { dropDead } from './drop-dead';
import { GraphEditor } from './editor';
import type { Pass } from './pass';
import { scalar, withScalar } from './scalars';

/**
 * Recognises activations that exporters write out as several nodes:
 * `x · sigmoid(x)` is silu, `x · hard-sigmoid(x)` and `x · clip(x + 3, 0, 6) / 6` are hard-swish,
 * `clip(x + 3, 0, 6) / 6` is hard-sigmoid, `x · (1 + erf(x / √2)) / 2` is gelu.
 */
export const fuseGates: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'binary' || !editor.has(node)) continue;
    const found = hardSigmoid(editor, node) ?? gate(editor, node) ?? gelu(editor, node);
    if (!found) continue;
    const { input, attributes } = found;
    // Integer division truncates, and a constant with more axes would change the result's shape.
    const isAlike = sameShape(editor.shape(input), editor.shape(node.outputs[0]));
    if (!isAlike || editor.dtype(input) !== 'float32') continue;
    editor.replace(node, { name: node.name, op: 'unary', attributes, inputs: [input], outputs: node.outputs });
  }
  const fused = editor.build();
  return fused === graph ? graph : dropDead(fused);
};

interface Found {
  readonly input: string;
  readonly attributes: UnaryAttributes;
}

const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

/** The x of `clip(x + 3, 0, 6)`. */
function clippedSum(editor: GraphEditor, value: string): string | undefined {
  const clip = editor.producer(value);
  if (clip?.op !== 'unary') return undefined;
  const { fn, alpha, beta } = clip.attributes;
  if (fn !== 'relu6' && !(fn === 'clip' && alpha === 0 && beta === 6)) return undefined;
  const sum = withScalar(editor, editor.producer(clip.inputs[0]), 'add');
  return sum && close(sum[1], 3) ? sum[0] : undefined;
}

/** `clip(x + 3, 0, 6) / 6`, or times 1/6. */
function hardSigmoid(editor: GraphEditor, node: GraphNode): Found | undefined {
  const divided = withScalar(editor, node, 'div');
  const multiplied = withScalar(editor, node, 'mul');
  const scaled = divided ? ([divided[0], 1 / divided[1]] as const) : multiplied;
  if (!scaled || !close(scaled[1], 1 / 6)) return undefined;
  const input = clippedSum(editor, scaled[0]);
  if (input !== undefined) return { input, attributes: { fn: 'hard-sigmoid', alpha: 1 / 6, beta: 0.5 } };
  // x · clip(x + 3, 0, 6), then divided by 6.
  const product = editor.producer(scaled[0]);
  if (product?.op !== 'binary' || product.attributes.fn !== 'mul') return undefined;
  const [a, b] = product.inputs;
  const x = clippedSum(editor, b) === a ? a : clippedSum(editor, a) === b ? b : undefined;
  return x === undefined ? undefined : { input: x, attributes: { fn: 'hard-swish', alpha: 0, beta: 0 } };
}

/** `x · f(x)` for the sigmoids. */
function gate(editor: GraphEditor, node: GraphNode<'binary'>): Found | undefined {
  if (node.attributes.fn !== 'mul') return undefined;
  for (const [x, gated] of [node.inputs, node.inputs.toReversed()]) {
    const sigmoid = editor.producer(gated);
    if (sigmoid?.op !== 'unary' || sigmoid.inputs[0] !== x) continue;
    const { fn, alpha, beta } = sigmoid.attributes;
    if (fn === 'sigmoid') return { input: x, attributes: { fn: 'silu', alpha: 1, beta: 0 } };
    if (fn === 'hard-sigmoid' && close(alpha, 1 / 6) && close(beta, 0.5)) {
      return { input: x, attributes: { fn: 'hard-swish', alpha: 0, beta: 0 } };
    }
  }
  return undefined;
}

/** The x of `1 + erf(x / √2)`. */
function erfSum(editor: GraphEditor, value: string): string | undefined {
  const sum = withScalar(editor, editor.producer(value), 'add');
  const erf = sum && close(sum[1], 1) ? editor.producer(sum[0]) : undefined;
  if (erf?.op !== 'unary' || erf.attributes.fn !== 'erf') return undefined;
  const inner = editor.producer(erf.inputs[0]);
  const divided = withScalar(editor, inner, 'div');
  const multiplied = withScalar(editor, inner, 'mul');
  const [x, factor] = divided ? [divided[0], 1 / divided[1]] : (multiplied ?? ['', 0]);
  return close(factor, Math.SQRT1_2) ? x : undefined;
}

/** The product of x, 1/2 and `1 + erf(x / √2)`, in any order. */
function gelu(editor: GraphEditor, node: GraphNode<'binary'>): Found | undefined {
  if (node.attributes.fn !== 'mul') return undefined;
  const factors = node.inputs.flatMap((input) => {
    const product = editor.producer(input);
    return product?.op === 'binary' && product.attributes.fn === 'mul' ? product.inputs : [input];
  });
  const x = factors.map((factor) => erfSum(editor, factor)).find((found) => found !== undefined);
  const isGelu = factors.length === 3 && factors.some((factor) => scalar(editor, factor) === 0.5);
  if (x === undefined || !isGelu || !factors.includes(x)) return undefined;
  return { input: x, attributes: { fn: 'gelu', alpha: 0, beta: 0 } };
}
