import { broadcastStrides } from '../../reference/strided';
import { type Shape, stridesOf, type Tensor } from '../../tensor';
import type { Kernel, KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Numbers of a part. */
const PART_SIZE = 1 << 15;

/** A box of numbers that moves: element i of it goes from `from + i · fromStrides` to `to + i · toStrides`. */
interface Move {
  readonly x: Tensor;
  readonly from: number;
  readonly fromStrides: readonly number[];
  readonly y: Tensor;
  readonly to: number;
  readonly toStrides: readonly number[];
  readonly shape: Shape;
}

export const concat: KernelFamily<'concat'> = {
  fits: () => true,
  bind({ attributes: { axis } }, inputs, [y]) {
    const toStrides = stridesOf(y.shape);
    let to = 0;
    return moveAll(
      inputs.map((x) => {
        const move = { x, from: 0, fromStrides: stridesOf(x.shape), y, to, toStrides, shape: x.shape };
        to += x.shape[axis] * toStrides[axis];
        return move;
      }),
    );
  },
};

export const split: KernelFamily<'split'> = {
  fits: () => true,
  bind({ attributes: { axis } }, [x], outputs) {
    const fromStrides = stridesOf(x.shape);
    let from = 0;
    return moveAll(
      outputs.map((y) => {
        const move = { x, from, fromStrides, y, to: 0, toStrides: stridesOf(y.shape), shape: y.shape };
        from += y.shape[axis] * fromStrides[axis];
        return move;
      }),
    );
  },
};

export const slice: KernelFamily<'slice'> = {
  fits: () => true,
  bind({ attributes: { starts, steps } }, [x], [y]) {
    const strides = stridesOf(x.shape);
    const from = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
    return gatherInto(
      y,
      x,
      from,
      strides.map((stride, axis) => stride * steps[axis]),
    );
  },
};

export const transpose: KernelFamily<'transpose'> = {
  fits: () => true,
  bind({ attributes: { permutation } }, [x], [y]) {
    const strides = stridesOf(x.shape);
    return gatherInto(
      y,
      x,
      0,
      permutation.map((axis) => strides[axis]),
    );
  },
};

export const expand: KernelFamily<'expand'> = {
  fits: () => true,
  bind: (_, [x], [y]) => gatherInto(y, x, 0, broadcastStrides(x.shape, y.shape)),
};

const gatherInto = (y: Tensor, x: Tensor, from: number, fromStrides: readonly number[]): Kernel =>
  moveAll([{ x, from, fromStrides, y, to: 0, toStrides: stridesOf(y.shape), shape: y.shape }]);

/** One kernel that does several moves, each in parts of a few rows. */
function moveAll(moves: readonly Move[]): Kernel {
  const parts = moves.filter(({ shape }) => !shape.includes(0)).flatMap(rowsOf);
  return { parts: parts.length, run: (part) => parts[part]() };
}

/** The parts of a move. */
function rowsOf(move: Move): (() => void)[] {
  const { x, y, shape, fromStrides, toStrides } = joined(move);
  const last = shape.length - 1;
  const [length, fromStep, toStep] = [shape[last], fromStrides[last], toStrides[last]];
  const rows = shape.slice(0, last).reduce((product, d) => product * d, 1);
  const perPart = piecesPerPart(PART_SIZE, length, rows);
  const [source, result] = [x.data, y.data];

  const moveRow = (row: number): void => {
    let [from, to] = [move.from, move.to];
    for (let axis = last - 1, rest = row; axis >= 0; axis--) {
      const i = rest % shape[axis];
      rest = (rest - i) / shape[axis];
      from += i * fromStrides[axis];
      to += i * toStrides[axis];
    }
    if (fromStep === 1 && toStep === 1 && length > 32) {
      result.set(source.subarray(from, from + length), to);
      return;
    }
    for (let i = 0; i < length; i++, from += fromStep, to += toStep) result[to] = source[from];
  };

  return Array.from({ length: Math.ceil(rows / perPart) }, (_, part) => () => {
    for (let row = part * perPart; row < Math.min(rows, (part + 1) * perPart); row++) moveRow(row);
  });
}

/** The move with axes joined that both sides walk through as one. */
function joined(move: Move): Move {
  const axes: { size: number; from: number; to: number }[] = [];
  for (const [axis, size] of move.shape.entries()) {
    if (size === 1) continue;
    const [from, to] = [move.fromStrides[axis], move.toStrides[axis]];
    const outer = axes.at(-1);
    if (outer && outer.from === from * size && outer.to === to * size) {
      axes[axes.length - 1] = { size: outer.size * size, from, to };
    } else {
      axes.push({ size, from, to });
    }
  }
  if (axes.length === 0) axes.push({ size: 1, from: 0, to: 0 });
  return {
    ...move,
    shape: axes.map(({ size }) => size),
    fromStrides: axes.map(({ from }) => from),
    toStrides: axes.map(({ to }) => to),
  };
}
