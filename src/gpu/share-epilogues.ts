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
 * A plan for where compiling is slow, with one pipeline for the several epilogues of a shader: what has no activation
 * clips to ±∞ if others clip, and what has no residual adds zeros if others add one. Costs a load per four outputs.
 */
export function shareEpilogues(plan: Plan): Plan {
  /** The epilogues that could be one, by shader, its other constants and the kind of activation. */
  const groups = new Map<string, Epilogue[]>();
  for (const dispatch of plan.steps.flatMap(({ chosen }) => chosen.dispatches).filter(hasEpilogue)) {
    const key = groupOf(dispatch);
    groups.set(key, [...(groups.get(key) ?? []), epilogueOf(dispatch)]);
  }
  const steps = plan.steps.map((step) => {
    if (!step.chosen.dispatches.some(hasEpilogue)) return step;
    const dispatches = step.chosen.dispatches.map((dispatch) =>
      hasEpilogue(dispatch) ? withEpilogue(dispatch, join(groups.get(groupOf(dispatch))!)) : dispatch,
    );
    return { ...step, chosen: { ...step.chosen, dispatches } };
  });
  return { ...plan, steps };
}

/** Values of the shaders' ACTIVATION, of which 0 is none and 1 clips, and RESIDUAL, of which 1 comes before it. */
interface Epilogue {
  readonly activation: number;
  readonly residual: number;
}

const epilogueOf = ({ constants: { ACTIVATION, RESIDUAL } }: Dispatch): Epilogue => ({
  activation: ACTIVATION,
  residual: RESIDUAL,
});

/** Vec4s of a pixel, in the kernels that keep channels so. */
const blocksOf = ({ params }: Dispatch): number => Number(params.out_blocks ?? params.blocks);

/** Compiled in a twentieth of a second, and a fifth slower with zeros to load. */
const APART: ReadonlySet<string> = new Set(['conv2d-winograd4-output', 'conv2d-winograd6-output']);

const hasEpilogue = (dispatch: Dispatch): boolean =>
  !APART.has(dispatch.shader.name) &&
  'RESIDUAL' in dispatch.constants &&
  'residual' in dispatch.params &&
  blocksOf(dispatch) > 0;

const groupOf = ({ shader, constants }: Dispatch): string =>
  shader.name + JSON.stringify({ ...constants, ACTIVATION: Math.max(1, constants.ACTIVATION), RESIDUAL: 0 });

/** One epilogue for a group: with the residual before the activation and after it in one group, each keeps its own. */
function join(group: readonly Epilogue[]): Epilogue {
  const fixed = group.filter(({ activation }) => activation !== 0);
  const residuals = (fixed.some(({ residual }) => residual > 0) ? fixed : group).map(({ residual }) => residual);
  return {
    activation: Math.max(...group.map(({ activation }) => activation)),
    residual: residuals.includes(1) ? 1 : Math.max(...residuals),
  };
}

function withEpilogue(dispatch: Dispatch, joint: Epilogue): Dispatch {
  const own = epilogueOf(dispatch);
  // Without an activation, before and after it are the same.
  const residual = own.residual > 0 && own.activation > 0 ? own.residual : joint.residual;
  return {
    ...dispatch,
    constants: { ...dispatch.constants, ACTIVATION: joint.activation, RESIDUAL: residual },
    params: { ...dispatch.params, ...(own.activation !== joint.activation && UNBOUNDED) },
    bind: {
      ...dispatch.bind,
      ...(own.residual === 0 && residual > 0 && { residual: zeroResidual(blocksOf(dispatch)) }),
    },
  };
}
