import { type Dispatch, type DispatchEpilogue, type Operand, withEpilogue } from './kernel';
import type { Plan } from './plan';

type WithEpilogue = Dispatch & { readonly epilogue: DispatchEpilogue };

const hasEpilogue = (dispatch: Dispatch): dispatch is WithEpilogue => dispatch.epilogue !== undefined;

/**
 * A plan for where compiling is slow, with one pipeline for the several epilogues of a shader. An epilogue without an
 * activation clips to ±∞. One without a residual adds zeros if another dispatch of the shader adds a residual, which
 * costs a load per four outputs. Networks that differ in their epilogues alone thus share pipelines as well. Dispatches
 * of kernels that can choose one of several activations get those of all that share their pipeline.
 */
export function shareEpilogues(plan: Plan): Plan {
  const groups = grouped(plan, groupOf);
  const residuals = new Map([...groups].map(([key, group]) => [key, joinResiduals(group)]));
  const exchanged = exchangeAll(plan, (one) => exchange(one, residuals.get(groupOf(one))!));
  const pipelines = grouped(exchanged, pipelineOf);
  return exchangeAll(exchanged, (one) => (choosesActivation(one) ? among(one, pipelines.get(pipelineOf(one))!) : one));
}

function grouped(plan: Plan, keyOf: (dispatch: WithEpilogue) => string): Map<string, WithEpilogue[]> {
  const groups = new Map<string, WithEpilogue[]>();
  for (const dispatch of plan.steps.flatMap(({ chosen }) => chosen.dispatches).filter(hasEpilogue)) {
    const key = keyOf(dispatch);
    groups.set(key, [...(groups.get(key) ?? []), dispatch]);
  }
  return groups;
}

function exchangeAll(plan: Plan, exchanged: (dispatch: WithEpilogue) => Dispatch): Plan {
  const steps = plan.steps.map((step) => {
    const { dispatches } = step.chosen;
    if (!dispatches.some(hasEpilogue)) return step;
    const others = dispatches.map((one) => (hasEpilogue(one) ? exchanged(one) : one));
    return { ...step, chosen: { ...step.chosen, dispatches: others } };
  });
  return { ...plan, steps };
}

/** Whether a dispatch's pipeline may have several activations, of which a parameter says one. */
const choosesActivation = ({ constants }: Dispatch): boolean => (constants.ACTIVATIONS ?? 0) !== 0;

/** The same for dispatches whose pipelines differ in nothing but activations. */
const pipelineOf = ({ shader, constants: { ACTIVATION, ACTIVATIONS, ...others } }: Dispatch): string =>
  JSON.stringify([shader.name, others, Boolean(ACTIVATIONS)]);

/** The dispatch in a pipeline with the activations of all these. */
function among(dispatch: WithEpilogue, all: readonly WithEpilogue[]): Dispatch {
  const ACTIVATIONS = all.reduce((bits, { epilogue: { activation } }) => bits | (1 << activation), 0);
  const { constants, params, epilogue } = dispatch;
  return {
    ...dispatch,
    constants: { ...constants, ACTIVATION: 0, ACTIVATIONS },
    params: { ...params, activation: epilogue.activation },
  };
}

/** The number of an activation that does what the epilogue's does, the same for all epilogues that can be one. */
const sharedActivation = ({ activation }: DispatchEpilogue): number => Math.max(1, activation);

/** The same for all dispatches whose activations can be of one pipeline. */
export const activationKind = (dispatch: Dispatch): number | string | undefined =>
  choosesActivation(dispatch) ? 'any' : dispatch.epilogue && sharedActivation(dispatch.epilogue);

/** Dispatches that read a residual if one of them does: those of a shader, whatever its tile, and kind of activation. */
const groupOf = (dispatch: WithEpilogue): string => `${dispatch.shader.name} ${activationKind(dispatch)}`;

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
