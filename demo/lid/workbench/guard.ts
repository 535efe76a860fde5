import type { Graph } from '../../../src';
import type { Dispatch } from '../../../src/gpu/kernel';
import { graphStatistics } from '../../../src/graph/statistics';

const LOOP = /\b(?:for|while|loop)\b/g;
/** No kernel of the library has a loop of so many turns in a layer of few numbers. */
const FEWEST_TURNS = 4096;
/** Invocations of the smallest usual workgroup. */
const INVOCATIONS = 32;

/**
 * Lets every loop of a shader end after so many turns: a loop without an end would take the device, and the page, with it.
 * Everything stays in its line. A counter is a variable of the loop's function, and so as uniform as the loop: barriers
 * within stay valid.
 */
export function guardLoops(source: string, turns: number): string {
  // Comments become spaces, so that places in both texts are the same.
  const code = source.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  const insertions: (readonly [at: number, text: string])[] = [];
  for (const [i, { index }] of [...code.matchAll(LOOP)].entries()) {
    // Neither a condition nor the head of a `for` has a brace in it.
    const body = code.indexOf('{', index) + 1;
    if (body === 0) continue;
    const counter = `turns_of_loop_${i}`;
    insertions.push([index, `var ${counter} = 0u; `]);
    insertions.push([body, ` if (${counter} == ${turns}u) { break; } ${counter} += 1u;`]);
  }
  let text = source;
  for (const [at, inserted] of insertions.sort((a, b) => b[0] - a[0])) {
    text = text.slice(0, at) + inserted + text.slice(at);
  }
  return text;
}

/** More turns than any loop of a right kernel for a layer takes: several times the layer's arithmetic, shared out over its invocations. */
export function mostTurns(graph: Graph, { workgroups }: Pick<Dispatch, 'workgroups'>): number {
  const { flops } = graphStatistics(graph);
  const groups = workgroups.reduce((all, count) => all * count, 1);
  const longest = Math.max(...[...graph.values.values()].flatMap(({ shape }) => shape));
  return Math.max(FEWEST_TURNS, 4 * longest, Math.ceil((4 * flops) / (groups * INVOCATIONS)));
}
