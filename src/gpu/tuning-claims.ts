import type { TuningCache } from './tuning-cache';

/** What the tuners that share a cache are doing. */
interface AtWork {
  /** What will be known of a key: undefined where its tuner fails or has no time. */
  readonly claims: Map<string, Promise<unknown>>;
  turn: Promise<unknown>;
}

const atWork = new WeakMap<TuningCache, AtWork>();

function workOn(cache: TuningCache): AtWork {
  const work = atWork.get(cache) ?? { claims: new Map(), turn: Promise.resolve() };
  atWork.set(cache, work);
  return work;
}

/** What a tuner has taken on, and what it can wait for. */
export interface Claims<T, R> {
  /** To be settled whatever comes. Nobody waits who has not settled, so that no two wait for each other. */
  readonly own: readonly { readonly item: T; readonly settle: (result: R | undefined) => void }[];
  readonly others: readonly { readonly item: T; readonly claim: Promise<R | undefined> }[];
}

/** Claims what nobody is at work on. */
export function claimAll<T, R>(cache: TuningCache, items: readonly T[], keyOf: (item: T) => string): Claims<T, R> {
  const { claims } = workOn(cache);
  const own: Claims<T, R>['own'][number][] = [];
  const others: Claims<T, R>['others'][number][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const claim = claims.get(key) as Promise<R | undefined> | undefined;
    if (claim) {
      others.push({ item, claim });
      continue;
    }
    const promise = new Promise<R | undefined>((resolve) => {
      const settle = (result: R | undefined): void => {
        claims.delete(key);
        resolve(result);
      };
      own.push({ item, settle });
    });
    claims.set(key, promise);
  }
  return { own, others };
}

/** Runs work when all that was begun before on the same cache is done. */
export function inTurn<R>(cache: TuningCache, work: () => Promise<R>): Promise<R> {
  const at = workOn(cache);
  const turn = at.turn.then(work);
  at.turn = turn.catch(() => {});
  return turn;
}
