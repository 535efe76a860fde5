import { type Dispatch, type DispatchEpilogue, type Operand, withEpilogue } from './kernel';
import type { Plan } from './plan';

type WithEpilogue = Dispatch & { readonly epilogue: DispatchEpilogue };

const hasEpilogue = (dispatch: Dispatch): dispatch is WithEpilogue => dispatch.epilogue !== undefined;

/**
 * A plan for where compiling is slow, with one pipeline for the several epilogues of a shader. An epilogue without an
 * activation clips to ±∞. One without a residual adds zeros if another dispatch of the shader adds a residual, which
 * costs a load per four outputs. Networks that differ in their epilogues alone thus share pipelines as well.
 */
export function shareEpilogues(plan: Plan): Plan {
  const groups = new Map<string, WithEpilogue[]>();
  for (const dispatch of plan.steps.flatMap(({ chosen }) => chosen.dispatches).filter(hasEpilogue)) {
    const key = groupOf(dispatch);
    groups.set(key, [...(groups.get(key) ?? []), dispatch]);
  }
  const residuals = new Map([...groups].map(([key, group]) => [key, joinResiduals(group)]));
  const shared = (dispatch: Dispatch): Dispatch =>
    hasEpilogue(dispatch) ? exchange(dispatch, residuals.get(groupOf(dispatch))!) : dispatch;
  const steps = plan.steps.map((step) => {
    const { dispatches } = step.chosen;
    if (!dispatches.some(hasEpilogue)) return step;
    return { ...step, chosen: { ...step.chosen, dispatches: dispatches.map(shared) } };
  });
  return { ...plan, steps };
}

/** The number of an activation that does what the epilogue's does, the same for all epilogues that can be one. */
export const sharedActivation = ({ activation }: DispatchEpilogue): number => Math.max(1, activation);

/** Dispatches that read a residual if one of them does: those of a shader, whatever its tile, and kind of activation. */
const groupOf = ({ shader, epilogue }: WithEpilogue): string => `${shader.name} ${sharedActivation(epilogue)}`;

/** Where a group adds residuals: before the activation and after it in one group, each keeps its own. */
function joinResiduals(group: readonly WithEpilogue[]): number {
  const epilogues = group.map(({ epilogue }) => epilogue);
  const fixed = epilogues.filter(({ activation }) => activation !== 0);
  const residuals = (fixed.some(({ residual }) => residual > 0) ? fixed : epilogues).map(({ residual }) => residual);
  return residuals.includes(1) ? 1 : Math.max(...residuals);
}

function exchange(dispatch: WithEpilogue, joint: number): Dispatch {
  const { epilogue } = dispatch;
  const activation = sharedActivation(epilogue);
  const isFixed = epilogue.blocks === undefined || (epilogue.residual > 0 && epilogue.activation > 0);
  // Without an activation, a residual before it and one after it are the same.
  const residual = isFixed ? epilogue.residual : joint;
  return withEpilogue(dispatch, {
    ...epilogue,
    activation,
    residual,
    ...(epilogue.activation !== activation && { alpha: -Infinity, beta: Infinity }),
    ...(epilogue.residual === 0 && residual > 0 && { operand: zeros(epilogue.blocks!) }),
  });
}

/** A residual that adds nothing: its `View` is all zeros, so that every pixel reads the same zeros. */
const zeros = (blocks: number): Operand => ({
  kind: 'constant',
  key: `zeros/vec4×${blocks}`,
  pack: () => new Float32Array(blocks * 4),
});
