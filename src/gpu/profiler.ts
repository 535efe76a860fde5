import type { Operator } from '../operators';
import type { PlanStep } from './plan';
import type { Session } from './session';
import type { Launch, Timing } from './stopwatch';
import { Stopwatch, type StopwatchOptions } from './stopwatch';

/** The time of one node: all its dispatches together. */
export interface LayerTiming extends Timing {
  readonly node: string;
  readonly op: Operator;
  /** The kernel that runs it, and its tile or other setting. */
  readonly kernel: string;
  readonly setting: string;
}

/**
 * Times every node of a session, in order, so that each finds the inputs that it has in a frame: what a kernel takes
 * may hang on them, as non-maximum suppression does. Nodes without launches, which only see memory differently, are
 * left out. Inputs must have been written since the last run.
 *
 * The sum is more than a frame takes where a launch does not fill the device, as neighbours then overlap.
 */
export async function profile(session: Session, options?: StopwatchOptions): Promise<LayerTiming[]> {
  const stopwatch = new Stopwatch(session.device, options);
  try {
    const timings: LayerTiming[] = [];
    for (const [{ node, chosen }, launches] of launchesByStep(session)) {
      const timing = await stopwatch.time(launches);
      timings.push({ node: node.name, op: node.op, kernel: chosen.kernel, setting: chosen.setting, ...timing });
    }
    return timings;
  } finally {
    stopwatch.dispose();
  }
}

function launchesByStep({ dispatches }: Session): Map<PlanStep, Launch[]> {
  const steps = new Map<PlanStep, Launch[]>();
  for (const launch of dispatches) {
    const launches = steps.get(launch.step);
    if (launches) launches.push(launch);
    else steps.set(launch.step, [launch]);
  }
  return steps;
}
