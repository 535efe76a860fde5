import type { Runner, VisionModel, VisionTask } from '../../src';
import type { Settings } from '../settings';

/** A task's class, as the page uses it. */
export interface TaskClass<Result> {
  readonly task: {
    readonly name: string;
    readonly layer?: { readonly canvas: string };
    result(run: never, labels: never, engine: never): Result;
  };
  load(runner: Runner, model: VisionModel): Promise<VisionTask<Result, unknown>>;
}

/** The answers to one picture so far; thresholds and the like are applied when they are shown. */
export interface Answers {
  readonly bitmap: ImageBitmap;
  /** By task, as `timesMs`. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly timesMs: Readonly<Record<string, number>>;
}

export const resultOf = <Result>({ results }: Answers, { task }: TaskClass<Result>): Result | undefined =>
  results[task.name] as Result | undefined;

/** One answer on the page. In index.html it has an `<article>` with the task's name as id, and a choice of the view. */
export interface Card<Result> {
  readonly task: TaskClass<Result>;
  /** The file of the network's weights, in `weights/`. */
  readonly file: string;
  /** Its network's name under the lid. */
  readonly network: string;
  readonly question: string;
  /** Lists a result beside the picture, also while the camera runs. */
  list?(result: Result | undefined, settings: Settings, labels: readonly string[]): void;
  /** Paints the result over the picture. */
  paint?(answers: Answers, settings: Settings): void;
  /** The result for tests and scripts. */
  summary(result: Result, settings: Settings, labels: readonly string[]): unknown;
}

/** A card with the name of its task. */
export const defineCard = <Result>(card: Card<Result>) => ({ ...card, name: card.task.task.name });
