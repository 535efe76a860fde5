import { NO_EPILOGUE } from '../../../operators/epilogue';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, binary, mul, scalar, sub, unary, zeros } from './arithmetic';
import { activationsOf } from './recurrent-activations';

/**
 * Recurrent layers, one step after the other: the sequence's length is known when the file is read. What does not
 * depend on the step before, the product of inputs and weights, is one dense layer over all steps.
 *
 * inputs: x `[T, N, I]`, weight `[D, G·H, I]`, recurrent weight `[D, G·H, H]`, biases of both `[D, 2·G·H]`?, lengths
 * `[N]`?, first state `[D, N, H]`?, first cell `[D, N, H]`?, peepholes `[D, 3·H]`?, with D directions and G gates
 */

const MOST_STEPS = 1024;

interface Cell {
  readonly gates: number;
  readonly activations: readonly string[];
  /** One step: the next state, and the next cell state of an LSTM. */
  step(direction: Direction, x: Value, state: Value, cell: Value): readonly [state: Value, cell: Value];
}

interface Direction {
  readonly node: NodeContext;
  /** `[G·H, H]`, `[G·H]` */
  readonly recurrent: Value;
  readonly recurrentBias: Value;
  readonly hidden: number;
  /** Weights from the cell to the gates input, output, forget, `[3·H]`. */
  readonly peepholes: Value | undefined;
  /** Clips what enters a gate to ±`clip`, and activates. */
  gated(index: number, x: Value): Value;
  /** The state out of the cell, which ONNX Runtime does not clip. */
  activate(index: number, x: Value): Value;
}

/** `x · weightᵀ + bias` */
function linear(node: NodeContext, x: Value, weight: Value, bias: Value): Value {
  if (node.known(weight) && node.known(bias)) {
    return node.emit('dense', [x, node.weight(weight), node.weight(bias)], NO_EPILOGUE);
  }
  return add(node, node.emit('matmul', [x, node.transpose(weight, [1, 0])], {}), bias);
}

/** Entries `first` to `first + count` of an axis. */
function part(node: NodeContext, x: Value, axis: number, first: number, count: number): Value {
  if (x.shape.length <= axis) node.malformed(`an input of shape [${x.shape.join(', ')}] has no axis ${axis}`);
  const starts = x.shape.map((_, i) => (i === axis ? first : 0));
  return node.emit('slice', [x], { starts, steps: x.shape.map(() => 1), sizes: x.shape.with(axis, count) });
}

/** Gate `index` of `[1, N, G·H]`, or some from there on. */
const gate = ({ node, hidden }: Direction, gates: Value, index: number, count = 1): Value =>
  part(node, gates, 2, index * hidden, count * hidden);

/**
 * Hochreiter and Schmidhuber 1997, with forget gates; the gates are input, output, forget, cell. Peepholes let gates see
 * the cell: input and forget the one before, output the next one. Gers and Schmidhuber 2000.
 */
const LSTM: Cell = {
  gates: 4,
  activations: ['sigmoid', 'tanh', 'tanh'],
  step(direction, x, state, cell) {
    const { node, recurrent, recurrentBias, hidden, peepholes, activate, gated } = direction;
    const all = add(node, x, linear(node, state, recurrent, recurrentBias));
    const open = (index: number, seen: Value): Value => {
      const own = gate(direction, all, index);
      const weight = peepholes && part(node, peepholes, 0, index * hidden, hidden);
      return gated(0, weight ? add(node, own, mul(node, seen, weight)) : own);
    };
    const together = peepholes ? undefined : gated(0, gate(direction, all, 0, 3));
    const opened = (index: number, seen: Value): Value =>
      together ? gate(direction, together, index) : open(index, seen);
    const input = opened(0, cell);
    const forget = node.flag('input_forget') ? sub(node, scalar(node, 1, input), input) : opened(2, cell);
    const next = add(node, mul(node, forget, cell), mul(node, input, gated(1, gate(direction, all, 3))));
    return [mul(node, opened(1, next), activate(2, next)), next];
  },
};

/** Cho et al. 2014; the gates are update, reset, hidden. */
const GRU: Cell = {
  gates: 3,
  activations: ['sigmoid', 'tanh'],
  step(direction, x, state, cell) {
    const { node, recurrent, recurrentBias, hidden, gated } = direction;
    const own = (first: number, count: number, of: Value): Value => {
      const rows = part(node, recurrent, 0, first * hidden, count * hidden);
      return linear(node, of, rows, part(node, recurrentBias, 0, first * hidden, count * hidden));
    };
    const open = gated(0, add(node, gate(direction, x, 0, 2), own(0, 2, state)));
    const [update, reset] = [gate(direction, open, 0), gate(direction, open, 1)];
    const remembered = node.flag('linear_before_reset')
      ? mul(node, reset, own(2, 1, state))
      : own(2, 1, mul(node, reset, state));
    const candidate = gated(1, add(node, gate(direction, x, 2), remembered));
    // (1 - update) · candidate + update · state
    return [add(node, candidate, mul(node, update, sub(node, state, candidate))), cell];
  },
};

/** Elman 1990. */
const RNN: Cell = {
  gates: 1,
  activations: ['tanh'],
  step({ node, recurrent, recurrentBias, gated }, x, state, cell) {
    return [gated(0, add(node, x, linear(node, state, recurrent, recurrentBias))), cell];
  },
};

/** Keeps the old value in rows whose sequence has ended; undefined stands for zero. */
function whileItLasts(node: NodeContext, lasts: Value | undefined, next: Value, old: Value | undefined): Value {
  return lasts ? node.emit('where', [lasts, next, old ?? scalar(node, 0, next)], {}) : next;
}

/** Which sequences have a step `i`, `[1, N, 1]`; undefined when all have every step. */
function lastingRows(node: NodeContext, steps: number): ((i: number) => Value) | undefined {
  const lengths = node.optional(4);
  if (!lengths) return undefined;
  const known = node.known(lengths);
  if (known && [...known.data].every((length) => length === steps)) return undefined;
  const column = node.reshape(lengths, [1, lengths.shape[0], 1]);
  return (i) => binary(node, 'greater', column, scalar(node, i, column));
}

const recurrent =
  (cell: Cell): OperatorImporter =>
  (node): readonly Value[] => {
    const isBatchFirst = node.flag('layout');
    const swapped = (x: Value): Value => (isBatchFirst ? node.transpose(x, [1, 0, 2]) : x);
    const x = swapped(node.input(0));
    const [weight, recurrentWeight, bias] = [node.weight(node.input(1)), node.weight(node.input(2)), node.optional(3)];
    const [steps, batch] = x.shape;
    const [directions, , hidden] = recurrentWeight.shape;
    const lasts = lastingRows(node, steps);
    if (steps > MOST_STEPS) {
      const instead = zeros(node, [steps, directions, batch, hidden]);
      node.unsupported(`it runs ${steps} steps, and the most is ${MOST_STEPS}`, instead);
    }
    const functions = activationsOf(node, cell.activations, directions);
    const limit = node.float('clip', Infinity);
    const peepholes = node.optional(7);
    const isReverse = node.choice('direction', 'forward', {
      forward: [false],
      reverse: [true],
      bidirectional: [false, true],
    });
    if (isReverse.length !== directions) node.malformed(`its weights are for ${directions} directions`);
    const width = cell.gates * hidden;
    const results = isReverse.map((backwards, d) => {
      const own = (v: Value): Value => node.reshape(part(node, v, 0, d, 1), v.shape.slice(1));
      const biases = bias ? own(node.weight(bias)) : zeros(node, [2 * width]);
      const activate = (index: number, value: Value): Value => functions[d * cell.activations.length + index](value);
      const direction: Direction = {
        node,
        hidden,
        recurrent: own(recurrentWeight),
        recurrentBias: part(node, biases, 0, width, width),
        peepholes: peepholes && own(node.weight(peepholes)),
        activate,
        gated: (index, value) => activate(index, limit < Infinity ? unary(node, 'clip', value, -limit, limit) : value),
      };
      const product = linear(node, x, own(weight), part(node, biases, 0, 0, width));
      const inputs =
        steps === 1 ? [product] : node.emitAll('split', [product], { axis: 0, sizes: new Array(steps).fill(1) });
      const first = (index: number): Value => {
        const given = node.optional(index);
        return given ? part(node, swapped(given), 0, d, 1) : zeros(node, [1, batch, hidden]);
      };
      let [state, memory] = [first(5), first(6)];
      const states = new Array<Value>(steps);
      for (let i = 0; i < steps; i++) {
        const at = backwards ? steps - 1 - i : i;
        const goesOn = lasts?.(at);
        const [next, nextMemory] = cell.step(direction, inputs[at], state, memory);
        states[at] = whileItLasts(node, goesOn, next, undefined);
        [state, memory] = [whileItLasts(node, goesOn, next, state), whileItLasts(node, goesOn, nextMemory, memory)];
      }
      const sequence = steps === 1 ? states[0] : node.emit('concat', states, { axis: 0 });
      return { sequence: node.reshape(sequence, [steps, 1, batch, hidden]), state, memory };
    });
    const joined = (values: readonly Value[], axis: number): Value =>
      values.length === 1 ? values[0] : node.emit('concat', values, { axis });
    const sequence = joined(
      results.map((r) => r.sequence),
      1,
    );
    const last = [results.map((r) => r.state), results.map((r) => r.memory)].map((list) => swapped(joined(list, 0)));
    return [isBatchFirst ? node.transpose(sequence, [2, 0, 1, 3]) : sequence, ...last];
  };

export const recurrents: Readonly<Record<string, OperatorImporter>> = {
  LSTM: recurrent(LSTM),
  GRU: recurrent(GRU),
  RNN: recurrent(RNN),
};
