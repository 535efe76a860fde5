import { ModelFormatError } from '../../errors';
import { Tensor } from '../../tensor';
import type { Value } from './graph-writer';
import { Unsupported } from './node-context';
import { type OnnxFunction, type OnnxGraph, type OnnxNode, readGraph, type TensorProto } from './schema';
import { ABSENT, Missing, Scope } from './scope';
import { BOOL, INT64, typeInfo } from './types';

/** Nodes with their own constants: a graph, a branch, the body of a loop or of a function. */
export interface Body {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly TensorProto[];
  readonly outputs: readonly { readonly name: string }[];
}

/** What control flow asks of the import. */
export interface Bodies {
  /** Imports the nodes of a body, and returns its outputs; undefined for one that is not supported. */
  body(body: Body, scope: Scope): (Value | undefined)[];
  /** Counts how deep bodies are nested. @throws ModelFormatError */
  nested<T>(what: string, run: () => T): T;
  known(value: Value): Tensor | undefined;
  constant(tensor: Tensor, type: Value['type']): Value;
  /** Values of one shape, one after the other along a new axis. */
  stack(name: string, values: readonly Value[], axis: number): Value;
  /** Entry `i` of an axis, which the result does not have. */
  entry(name: string, value: Value, axis: number, i: number): Value;
}

/** A node whose work is done by other nodes. */
interface Call {
  readonly node: OnnxNode;
  readonly name: string;
  readonly operands: readonly (Value | undefined)[];
  readonly scope: Scope;
}

type ControlFlow = (bodies: Bodies, call: Call) => (Value | undefined)[];

/** The nodes of a function in place of the node that calls it. */
export function callFunction(bodies: Bodies, { node, name, operands, scope }: Call, called: OnnxFunction) {
  const attributes = new Map([...called.defaults, ...node.attributes]);
  const inner = new Scope(called.opset ?? scope.opset, undefined, attributes, `${name}/`);
  for (const [i, input] of called.inputs.entries()) inner.define(input, operands[i] ?? ABSENT);
  const outputs = called.outputs.map((output) => ({ name: output }));
  return bodies.nested(`${node.op} "${name}"`, () =>
    bodies.body({ nodes: called.nodes, initializers: [], outputs }, inner),
  );
}

/**
 * The branch that an `If` takes when its condition is known before the run. Exporters use such conditions to ask about
 * shapes.
 */
const branch: ControlFlow = (bodies, { node, name, operands: [condition], scope }) => {
  const known = condition && bodies.known(condition);
  if (!known) throw new Unsupported('its condition must be known before the network runs');
  const body = bodyOf(node, name, known.data[0] ? 'then_branch' : 'else_branch');
  return bodies.nested(`If "${name}"`, () => bodies.body(body, scope.inside()));
};

/**
 * The body of a `Loop` once for each iteration, when their number is known before the run: by the trip count, and by
 * conditions that do not depend on the network's inputs.
 */
const loop: ControlFlow = (bodies, { node, name, operands: [trips, start, ...initial], scope }) => {
  const body = bodyOf(node, name, 'body');
  const [counter, condition, ...carried] = body.inputs.map((input) => input.name);
  const isTrue = (value: Value): boolean => {
    const known = bodies.known(value);
    if (!known) throw new Unsupported('its condition must be known before the network runs');
    return Boolean(known.data[0]);
  };
  const most = trips ? bodies.known(trips)?.data[0] : Infinity;
  if (most === undefined) throw new Unsupported('its trip count must be known before the network runs');
  if (condition === undefined || carried.length !== initial.length || body.outputs.length <= carried.length) {
    throw new ModelFormatError(`Loop "${name}" carries ${initial.length} values, and its body takes ${carried.length}`);
  }
  let values: (Value | undefined)[] = [...initial];
  const scanned: Value[][] = body.outputs.slice(1 + carried.length).map(() => []);
  const iterate = (i: number): (Value | undefined)[] => {
    const inner = scope.inside(`${scope.path}${name}/${i}/`);
    inner.define(counter, bodies.constant(Tensor.int32([], [i]), INT64));
    inner.define(condition, bodies.constant(Tensor.bool([], [1]), BOOL));
    for (const [k, input] of carried.entries()) inner.define(input, values[k] ?? new Missing());
    return bodies.nested(`Loop "${name}"`, () => bodies.body(body, inner));
  };
  let goesOn = start ? isTrue(start) : true;
  if (scanned.length > 0 && !(most > 0 && goesOn)) {
    // Only the body tells the shape of a list without entries. Nothing reads its nodes, which leave the graph again.
    const [, ...results] = iterate(0);
    return [...values, ...results.slice(carried.length).map((value) => value && noneOf(bodies, value))];
  }
  for (let i = 0; i < most && goesOn; i++) {
    const [next, ...results] = iterate(i);
    if (!next) return node.outputs.map(() => undefined);
    values = results.slice(0, carried.length);
    for (const [k, list] of scanned.entries()) {
      const value = results[carried.length + k];
      if (value) list.push(value);
    }
    goesOn = isTrue(next);
  }
  return [...values, ...scanned.map((list) => bodies.stack(name, list, 0))];
};

/**
 * The body of a `Scan` once for each entry of the axes that it goes along: it carries values from one to the next, and
 * collects others.
 */
const scan: ControlFlow = (bodies, { node, name, operands, scope }) => {
  if (scope.opset < 9) throw new Unsupported('before opset 9 it scans sequences of different lengths');
  const body = bodyOf(node, name, 'body');
  const count = node.attributes.get('num_scan_inputs')?.i ?? 0;
  const carriedCount = operands.length - count;
  const list = (attribute: string): readonly number[] => node.attributes.get(attribute)?.ints ?? [];
  const malformed = (reason: string): never => {
    throw new ModelFormatError(`Scan "${name}": ${reason}`);
  };
  if (!(count > 0 && carriedCount >= 0) || body.inputs.length !== operands.length) {
    malformed(`it has ${operands.length} inputs, scans ${count}, and its body takes ${body.inputs.length}`);
  }
  const axisOf = (attribute: string, k: number, rank: number): number => {
    const axis = list(attribute)[k] ?? 0;
    if (!(axis >= -rank && axis < rank)) malformed(`axis ${axis} is outside rank ${rank}`);
    return axis < 0 ? axis + rank : axis;
  };
  const sources = operands.slice(carriedCount).map((value, k) => {
    if (!value) return malformed(`input ${carriedCount + k} is missing`);
    const axis = axisOf('scan_input_axes', k, value.shape.length);
    return { value, axis, isReverse: list('scan_input_directions')[k] === 1, length: value.shape[axis] };
  });
  const [{ length }] = sources;
  if (sources.some((source) => source.length !== length)) malformed('the axes that it scans differ in length');
  if (length === 0) throw new Unsupported('it scans an axis of length 0');
  let values: readonly (Value | undefined)[] = operands.slice(0, carriedCount);
  const collected: (Value | undefined)[][] = body.outputs.slice(carriedCount).map(() => []);
  for (let i = 0; i < length; i++) {
    const inner = scope.inside(`${scope.path}${name}/${i}/`);
    const entries = sources.map(({ value, axis, isReverse }) =>
      bodies.entry(name, value, axis, isReverse ? length - 1 - i : i),
    );
    for (const [k, input] of body.inputs.entries()) {
      inner.define(input.name, (k < carriedCount ? values[k] : entries[k - carriedCount]) ?? new Missing());
    }
    const results = bodies.nested(`Scan "${name}"`, () => bodies.body(body, inner));
    values = results.slice(0, carriedCount);
    for (const [k, result] of results.slice(carriedCount).entries()) collected[k].push(result);
  }
  const stacks = collected.map((made, k) => {
    const present = made.filter((value) => value !== undefined);
    // A body that is not supported is reported already.
    if (present.length < length) return undefined;
    const ordered = list('scan_output_directions')[k] === 1 ? present.toReversed() : present;
    return bodies.stack(name, ordered, axisOf('scan_output_axes', k, ordered[0].shape.length + 1));
  });
  return [...values, ...stacks];
};

/** The body of a `SequenceMap` once for each tensor of its first sequence; an input may be one tensor for all. */
const sequenceMap: ControlFlow = (bodies, { node, name, operands, scope }) => {
  const body = bodyOf(node, name, 'body');
  const length = operands[0]?.items?.length;
  if (length === undefined || operands.some((value) => value?.items && value.items.length !== length)) {
    throw new ModelFormatError(`SequenceMap "${name}": its inputs are not sequences of one length`);
  }
  if (length === 0) throw new Unsupported('its sequence is empty');
  const results = Array.from({ length }, (_, i) => {
    const inner = scope.inside(`${scope.path}${name}/${i}/`);
    for (const [k, input] of body.inputs.entries()) {
      const value = operands[k];
      inner.define(input.name, value?.items ? value.items[i] : (value ?? new Missing()));
    }
    return bodies.nested(`SequenceMap "${name}"`, () => bodies.body(body, inner));
  });
  return body.outputs.map((_, k) => {
    const items = results.flatMap((result) => result[k] ?? []);
    return items.length < length ? undefined : { ...items[0], items };
  });
};

const noneOf = (bodies: Bodies, { shape, type }: Value): Value =>
  bodies.constant(Tensor.zeros(typeInfo(type).dtype, [0, ...shape]), type);

function bodyOf(node: OnnxNode, name: string, attribute: string): OnnxGraph {
  const bytes = node.attributes.get(attribute)?.graph;
  if (!bytes) throw new ModelFormatError(`${node.op} "${name}" has no attribute ${attribute} that is a graph`);
  return readGraph(bytes);
}

/** Operators whose attributes are graphs. */
export const CONTROL_FLOW: Readonly<Record<string, ControlFlow>> = {
  If: branch,
  Loop: loop,
  Scan: scan,
  SequenceMap: sequenceMap,
};
