import type { Dispatch, Operand } from './kernel';
import type { Plan } from './plan';

/** Parameters of clipping that changes nothing. */
const UNBOUNDED = { alpha: -Infinity, beta: Infinity };

/** What adds nothing to any of `blocks` vec4s of a pixel, under a `residual` View of all zeros. */
const zeroResidual = (blocks: number): Operand => ({
  kind: 'constant',
  key: `zeros/vec4×${blocks}`,
  pack: () => new Float32Array(blocks * 4),
});

/**
 * A plan for where compiling is slow: one pipeline for several epilogues: what has no activation clips to ±∞ if others of its
 * shader clip, and what has no residual adds zeros if others add one. Costs a load per four outputs; saves a pipeline.
 */
export function shareEpilogues(plan: Plan): Plan {
  /** The epilogues of each shader with its other constants. */
  const wanted = new Map<string, Dispatch['constants'][]>();
  for (const { chosen } of plan.steps) {
    for (const dispatch of chosen.dispatches.filter(hasEpilogue)) {
      const key = apartFromEpilogue(dispatch);
      wanted.set(key, [...(wanted.get(key) ?? []), dispatch.constants]);
    }
  }
  const steps = plan.steps.map((step) => {
    if (!step.chosen.dispatches.some(hasEpilogue)) return step;
    const dispatches = step.chosen.dispatches.map((dispatch) =>
      hasEpilogue(dispatch) ? withEpilogue(dispatch, wanted.get(apartFromEpilogue(dispatch))!) : dispatch,
    );
    return { ...step, chosen: { ...step.chosen, dispatches } };
  });
  return { ...plan, steps };
}

/** Of the kernels that keep channels in blocks of four. */
const hasEpilogue = ({ constants, params }: Dispatch): boolean => 'RESIDUAL' in constants && 'out_blocks' in params;

const apartFromEpilogue = ({ shader, constants }: Dispatch): string =>
  shader.name + JSON.stringify({ ...constants, ACTIVATION: 0, RESIDUAL: 0 });

/** The dispatch with the most general of the epilogues that can stand for its own. */
function withEpilogue(dispatch: Dispatch, epilogues: readonly Dispatch['constants'][]): Dispatch {
  const { ACTIVATION: activation, RESIDUAL: residual } = dispatch.constants;
  const generality = (e: Dispatch['constants']): number => 2 * Math.sign(e.RESIDUAL) + Math.sign(e.ACTIVATION);
  const { constants } = epilogues
    .filter((e) => e.ACTIVATION === activation || (activation === 0 && e.ACTIVATION === 1))
    .filter((e) => e.RESIDUAL === residual || residual === 0)
    .map((constants) => ({ constants, generality: generality(constants) }))
    .reduce((best, other) => (other.generality > best.generality ? other : best));
  return {
    ...dispatch,
    constants,
    params: { ...dispatch.params, ...(constants.ACTIVATION !== activation && UNBOUNDED) },
    bind: {
      ...dispatch.bind,
      ...(constants.RESIDUAL !== residual && { residual: zeroResidual(Number(dispatch.params.out_blocks)) }),
    },
  };
}
