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
  /** Values of one shape, one after the other along a new first axis. */
  stack(name: string, values: readonly Value[]): Value;
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
  return [...values, ...scanned.map((list) => bodies.stack(name, list))];
};

const noneOf = (bodies: Bodies, { shape, type }: Value): Value =>
  bodies.constant(Tensor.zeros(typeInfo(type).dtype, [0, ...shape]), type);

function bodyOf(node: OnnxNode, name: string, attribute: string): OnnxGraph {
  const bytes = node.attributes.get(attribute)?.graph;
  if (!bytes) throw new ModelFormatError(`${node.op} "${name}" has no attribute ${attribute} that is a graph`);
  return readGraph(bytes);
}

/** Operators whose attributes are graphs. */
export const CONTROL_FLOW: Readonly<Record<string, ControlFlow>> = { If: branch, Loop: loop };
