import { type Dispatch, type DispatchEpilogue, type Operand, withEpilogue } from './kernel';
import type { Plan } from './plan';

type Exchangeable = Dispatch & { readonly epilogue: DispatchEpilogue & { readonly blocks: number } };

const isExchangeable = (dispatch: Dispatch): dispatch is Exchangeable => dispatch.epilogue?.blocks !== undefined;

/**
 * A plan for where compiling is slow, with one pipeline for the several epilogues of a shader: what has no activation
 * clips to ±∞ if others clip, and what has no residual adds zeros if others add one. Costs a load per four outputs.
 */
export function shareEpilogues(plan: Plan): Plan {
  const groups = new Map<string, Exchangeable[]>();
  for (const dispatch of plan.steps.flatMap(({ chosen }) => chosen.dispatches).filter(isExchangeable)) {
    const key = groupOf(dispatch);
    groups.set(key, [...(groups.get(key) ?? []), dispatch]);
  }
  const shared = (dispatch: Dispatch): Dispatch =>
    isExchangeable(dispatch) ? exchange(dispatch, join(groups.get(groupOf(dispatch))!)) : dispatch;
  const steps = plan.steps.map((step) => {
    const { dispatches } = step.chosen;
    if (!dispatches.some(isExchangeable)) return step;
    return { ...step, chosen: { ...step.chosen, dispatches: dispatches.map(shared) } };
  });
  return { ...plan, steps };
}

/** Dispatches whose epilogues can be one: of a shader, its other constants and the kind of activation. */
function groupOf(dispatch: Exchangeable): string {
  const { epilogue, shader } = dispatch;
  const neutral = { ...epilogue, activation: Math.max(1, epilogue.activation), residual: 0 };
  return shader.name + JSON.stringify(withEpilogue(dispatch, neutral).constants);
}

type Kind = Pick<DispatchEpilogue, 'activation' | 'residual'>;

/** One epilogue for a group: with the residual before the activation and after it in one group, each keeps its own. */
function join(group: readonly Exchangeable[]): Kind {
  const epilogues = group.map(({ epilogue }) => epilogue);
  const fixed = epilogues.filter(({ activation }) => activation !== 0);
  const residuals = (fixed.some(({ residual }) => residual > 0) ? fixed : epilogues).map(({ residual }) => residual);
  return {
    activation: Math.max(...epilogues.map(({ activation }) => activation)),
    residual: residuals.includes(1) ? 1 : Math.max(...residuals),
  };
}

function exchange(dispatch: Exchangeable, joint: Kind): Dispatch {
  const { epilogue } = dispatch;
  // Without an activation, before and after it are the same.
  const residual = epilogue.residual > 0 && epilogue.activation > 0 ? epilogue.residual : joint.residual;
  return withEpilogue(dispatch, {
    ...epilogue,
    activation: joint.activation,
    residual,
    ...(epilogue.activation !== joint.activation && { alpha: -Infinity, beta: Infinity }),
    ...(epilogue.residual === 0 && residual > 0 && { operand: zeros(epilogue.blocks) }),
  });
}

/** A residual that adds nothing: its `View` is all zeros, so that every pixel reads the same zeros. */
const zeros = (blocks: number): Operand => ({
  kind: 'constant',
  key: `zeros/vec4×${blocks}`,
  pack: () => new Float32Array(blocks * 4),
});
