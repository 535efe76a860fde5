import type { Picture, Runner, VisionModel, VisionTask } from '../../src';
import type { Size } from '../drawing';
import type { LookedAt } from '../looking-worker';
import type { ClassMap } from '../masks';
import type { ChosenPicture } from '../pictures';
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

/** A picture on the page. */
export interface OpenPicture extends LookedAt {
  readonly chosen: ChosenPicture;
}

/** The answers to one picture so far; thresholds and the like are applied when they are shown. */
export interface Answers {
  readonly picture: OpenPicture;
  readonly bitmap: ImageBitmap;
  /** The smaller copy, of whose size the mask is drawn. */
  readonly pixels: ImageData;
  /** The segmenter's, at the size of `pixels`. */
  readonly mask: ClassMap | undefined;
  /** By task, as `timesMs`. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly timesMs: Readonly<Record<string, number>>;
}

export const resultOf = <Result>({ results }: Answers, { task }: TaskClass<Result>): Result | undefined =>
  results[task.name] as Result | undefined;

/** One answer on the page. In index.html it has an `<article>` with the task's name as id, and a choice of the view. */
export interface Card<Result> {
  readonly task: TaskClass<Result>;
  /** Its network's name under the lid. */
  readonly network: string;
  readonly question: string;
  /** Asks the network in another way than by a whole look that gives the task's result. */
  answer?(task: VisionTask<unknown, unknown>, picture: Picture): Promise<Result>;
  /** Answers the next frame of a video, at a pace of its own. Otherwise frames are answered together with the others. */
  next?(task: VisionTask<unknown, unknown>, frame: Picture): Promise<Result>;
  /** Settings that change how the answer is shown, under the present ones. */
  uses(settings: Settings): readonly (keyof Settings)[];
  /** Whether its lines are as wide on the page however large the stage is. */
  readonly redraws?: boolean;
  /** Lists a result beside the picture; also while the camera runs, when there are no answers to a picture. */
  list?(result: Result | undefined, settings: Settings, labels: readonly string[], answers?: Answers): void;
  /** Paints the result over the picture. */
  paint?(answers: Answers, settings: Settings): void;
  /** Paints the result over a frame of a video, where the GPU does not draw it. */
  paintFrame?(result: Result, frame: Size, settings: Settings): void;
  /** Takes what it has painted away: something else answers in its place. */
  clear?(): void;
  /** The result for tests and scripts. */
  summary(result: Result, settings: Settings, labels: readonly string[]): unknown;
}

/** A card of the page's own, whose network has its weights in a file of `weights/`. It has the name of its task. */
export const defineCard = <Result>(card: Card<Result> & { readonly file: string }) => ({
  ...card,
  name: card.task.task.name,
});
