import type { Outcome } from './candidate-trials';
import type { Session } from './session';
import type { Timing } from './stopwatch';

/** Another candidate must be faster by this factor to replace an earlier one: less is noise. */
const CLEARLY_FASTER = 0.97;

type Measured = Extract<Outcome, { readonly timing: Timing }>;

/** The first candidate that ran, and the fastest. */
export interface Race {
  readonly first?: Measured;
  readonly best?: Measured;
}

/** Whether one time is below another by more than noise and the steps of the clock. */
const isFaster = (a: Timing, b: Timing): boolean =>
  a.timeMs + a.uncertaintyMs < (b.timeMs - b.uncertaintyMs) * CLEARLY_FASTER;

/** The first that ran and the fastest, which replaces an earlier one only where it is clearly faster. */
export function raceOf(outcomes: readonly Outcome[]): Race {
  const measured = outcomes.filter((outcome): outcome is Measured => outcome.timing !== undefined);
  const [first] = measured;
  return {
    first,
    best: measured.reduce(
      (best: Measured | undefined, next) => (best && !isFaster(next.timing, best.timing) ? best : next),
      undefined,
    ),
  };
}

/** The fastest, if it was faster than the first the second time, too. */
export function winnerOf(
  { first, best }: Race,
  confirmed: ReadonlyMap<Session, Timing | string>,
): Measured | undefined {
  if (!first || !best || first === best) return first;
  const [again, before] = [confirmed.get(best.session), confirmed.get(first.session)];
  const isConfirmed = typeof again === 'object' && typeof before === 'object' && isFaster(again, before);
  return isConfirmed ? best : first;
}
