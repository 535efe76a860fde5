import { type Graph, type GraphNode, producersOf } from '../graph/graph';

/** Operators that move numbers, or choose among them, and leave each as it is. */
// biome-ignore format: a list to scan
const MOVERS: ReadonlySet<string> = new Set([
  'reshape', 'transpose', 'concat', 'slice', 'split', 'gather', 'tile', 'expand', 'cast', 'pad', 'top-k', 'where',
]);

/** Functions of probabilities that are probabilities again. */
const OF_PROBABILITIES: ReadonlySet<string> = new Set(['identity', 'sqrt', 'clip', 'mul', 'min', 'max', 'mean']);

/**
 * The operators whose numbers a value has, those that only move numbers left out: a sigmoid before a transpose is
 * `sigmoid`, the convolution of an undecoded grid `conv2d`.
 *
 * @param through whether products, minima and the like are followed, which make probabilities of probabilities
 */
export function originsOf(graph: Graph, value: string, { through = false } = {}): Set<string> {
  const producers = producersOf(graph);
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const whole = beforeQuantising(graph, producers, name);
    if (whole !== undefined) {
      visit(whole);
      return;
    }
    const node = producers.get(name);
    if (!node) {
      // Constants among what is joined or multiplied say nothing.
      if (!graph.constants.has(name)) found.add('input');
      return;
    }
    const word = wordOf(node);
    const follows = MOVERS.has(node.op) || word === 'identity' || (through && OF_PROBABILITIES.has(word));
    if (follows) for (const input of inputsOf(node)) visit(input);
    else found.add(word);
  };
  visit(value);
  return found;
}

/** The operators between a value and what 8-bit files make of it, the last first; zero points may be missing. */
const QUANTISING = ['mul', 'sub?', 'cast', 'cast', 'clip', 'add?', 'round', 'div'] as const;

/** The value that was quantised and dequantised to make this one, which says the same with a rounding more. */
function beforeQuantising(
  { constants }: Graph,
  producers: ReadonlyMap<string, GraphNode>,
  value: string,
): string | undefined {
  let at = value;
  for (const step of QUANTISING) {
    const node = producers.get(at);
    const [word] = step.split('?');
    if (node && wordOf(node) === word && node.inputs.slice(1).every((input) => constants.has(input)))
      [at] = node.inputs;
    else if (word === step) return undefined;
  }
  return at;
}

/** Indices of a gather, and a condition, are not what a value is made of. */
function inputsOf({ op, inputs }: GraphNode): readonly string[] {
  if (op === 'gather') return inputs.slice(0, 1);
  return op === 'where' ? inputs.slice(1) : inputs;
}

/** The function where an operator has several, or the activation that follows it. */
function wordOf(node: GraphNode): string {
  switch (node.op) {
    case 'unary':
    case 'binary':
    case 'reduce':
      return node.attributes.fn;
    case 'softmax':
      return node.attributes.log ? 'log-softmax' : 'softmax';
    case 'conv2d':
    case 'conv-transpose2d':
    case 'dense': {
      const { fn } = node.attributes.activation;
      return fn === 'identity' ? node.op : fn;
    }
    default:
      return node.op;
  }
}

/** The last activation of scores, by the nodes that make them: none when they are logits. */
export function activationOf(graph: Graph, scores: string): 'softmax' | 'sigmoid' | undefined {
  const origins = originsOf(graph, scores, { through: true });
  const found = ['softmax', 'sigmoid', 'hard-sigmoid'].find((word) => origins.has(word));
  return found === 'hard-sigmoid' ? 'sigmoid' : (found as 'softmax' | 'sigmoid' | undefined);
}
