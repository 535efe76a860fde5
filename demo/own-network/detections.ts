import { ArgumentError, type Graph } from '../../src';
import { findHead } from '../../src/heads/heads';
import { resultLabels } from '../../src/heads/labels';
import { NetworkTail } from '../../src/heads/network-tail';
import type { Preparation } from './preparation';

/** A network with the library's decoding of boxes behind its own outputs. */
export interface Detecting {
  /** Its outputs are the network's own, and `detections`. */
  readonly graph: Graph;
  /** The result's labels, from those of the file: there may be one more for the background. */
  labels(names: readonly string[]): readonly string[];
}

/** Adds the decoding of the head that fits a network's outputs; without one the network stays as it is. */
export function withDetections(
  graph: Graph,
  { size, layout }: Preparation,
  metadata: ReadonlyMap<string, string>,
  names: readonly string[],
): Detecting | undefined {
  const facts = {
    graph,
    outputs: graph.outputs.map((name) => ({ name, ...graph.values.get(name)! })),
    size,
    channelsLast: layout === 'nhwc',
    metadata,
    config: {},
    options: {},
  };
  const reading =
    readingFor({ ...facts, labels: names.length > 0 ? names : undefined }) ??
    readingFor({ ...facts, labels: undefined });
  if (!reading) return undefined;
  const tail = new NetworkTail(graph, { asItIs: true });
  const [detections] = reading.append(tail);
  return {
    graph: tail.build([...graph.outputs.map((output) => tail.own(output)), detections]),
    labels: (own) => resultLabels(own.length > 0 ? own : undefined, reading, 'detect').labels,
  };
}

function readingFor(facts: Parameters<typeof findHead>[0]) {
  try {
    return findHead(facts, 'detect', facts.graph.name).reading;
  } catch (error) {
    if (error instanceof ArgumentError) return undefined;
    throw error;
  }
}
