import { checkOptions } from '../arguments';
import { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { CropBoxes, encodeParts } from '../gpu/crop-boxes';
import type { Session } from '../gpu/session';
import type { Rectangle } from '../picture';
import { type Detection, type ObjectDetector, toDetections } from './object-detector';
import { frameNow, keptFrame, type Picture, toFrame } from './picture';
import type { PictureModel, Pipeline } from './picture-model';
import type { Values } from './task';
import type { VisionTask } from './vision-task';

export interface CropOptions {
  /** At most this many boxes, best first, are shown to the second network. Default 4; it runs as often for every picture. */
  readonly most?: number;
  /** What is added to a box on each side, in sizes of the box. Default 0. */
  readonly margin?: number;
  /** Only boxes with at least this score are answered. Default 0.5. */
  readonly threshold?: number;
}

/** A thing, and what the second network says of it, in pixels of the whole picture. */
export interface Crop<Result> {
  readonly detection: Detection;
  /** The part of the picture that the second network saw: the box, its margin, and what its input's proportions add. */
  readonly part: Rectangle;
  readonly result: Result;
}

/** What both sessions need for a frame. */
interface Stages {
  readonly first: Pipeline<Values>;
  readonly second: Pipeline<Values>;
  readonly crops: CropBoxes;
  /** Ends the counting of its memory. */
  readonly release: () => void;
}

/**
 * Shows what a detector has found to a second network: faces to one for landmarks, things to a classifier. Boxes are
 * turned into crops where the networks run, and everything is one submission with one read-back at its end.
 *
 * ```ts
 * const crops = await CropPipeline.create(await ObjectDetector.load(engine, 'faces.onnx'), await PoseEstimator.load(engine, 'points.onnx'));
 * for (const { result } of await crops.run(picture)) draw(context, result);
 * ```
 */
export class CropPipeline<Result> {
  #stages: Stages | undefined;

  private constructor(
    private readonly detector: ObjectDetector,
    private readonly task: VisionTask<Result>,
    private readonly options: Required<CropOptions>,
  ) {}

  /**
   * @param detector stays the caller's, as the second task does: both can be used alone, and are disposed by whoever made them
   * @throws ArgumentError for options that do not fit, for tasks of different engines or of none, for a second task
   *   whose answer depends on more than its outputs, as a mask of the picture's size does
   */
  static async create<Result>(
    detector: ObjectDetector,
    task: VisionTask<Result>,
    options: CropOptions = {},
  ): Promise<CropPipeline<Result>> {
    checkOptions(options, { most: true, margin: true, threshold: true });
    const { most = 4, margin = 0, threshold = 0.5 } = options;
    if (!(Number.isInteger(most) && most >= 1 && most <= MOST_CROPS)) {
      throw new ArgumentError(`most must be 1 to ${MOST_CROPS}, got ${most}`);
    }
    if (!(margin >= 0 && margin <= MOST_MARGIN))
      throw new ArgumentError(`margin must be 0 to ${MOST_MARGIN}, got ${margin}`);
    if (!(threshold >= 0 && threshold <= 1)) throw new ArgumentError(`threshold must be 0 to 1, got ${threshold}`);
    const engines = [detector, task].map(({ network: { engine } }) => engine);
    if (!(engines[0] instanceof Engine) || engines[0] !== engines[1]) {
      throw new ArgumentError(
        'crops need a detector and a task on one Engine: elsewhere, cut the picture by the boxes',
      );
    }
    if (task.task.decoder) {
      throw new ArgumentError(`crops cannot be shown to a network to ${task.task.name}, which answers by pictures`);
    }
    const pipeline = new CropPipeline(detector, task, { most, margin, threshold });
    await modelOf(detector).model.guard(() => pipeline.#prepared());
    return pipeline;
  }

  /** What was found and what the second network says of each, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async run(picture: Picture): Promise<Crop<Result>[]> {
    // The picture is that of the moment of the call.
    const keeping = keptFrame(picture);
    keeping.catch(() => {});
    const { detections, placement, seen } = await modelOf(this.detector).model.guard(async () => {
      const { first, second, crops } = await this.#prepared();
      const kept = await keeping;
      const takesVideo = first.input.takesVideo && second.input.takesVideo;
      const frame = frameNow(kept, takesVideo) ?? (await toFrame(kept, takesVideo));
      try {
        const encoder = first.session.device.createCommandEncoder();
        const placement = first.input.encode(encoder, frame);
        first.session.encode(encoder);
        const readDetections = first.stage.encode(encoder, placement);
        crops.encode(encoder, placement);
        const reads: (() => Promise<Values>)[] = [];
        encodeParts(
          second.input,
          encoder,
          frame,
          Array.from({ length: this.options.most }, (_, k) => crops.part(k)),
          () => {
            second.session.encode(encoder);
            reads.push(second.stage.encode(encoder, placement));
          },
        );
        first.session.device.queue.submit([encoder.finish()]);
        const [detections, ...seen] = await Promise.all([readDetections(), ...reads.map((read) => read())]);
        return { detections, placement, seen };
      } finally {
        for (const made of new Set([kept, frame])) if (made !== picture && 'close' in made) made.close();
      }
    });
    const rows = detections.get('detections')!.data as Float32Array;
    const best = toDetections(rows, this.detector.labels, placement).slice(0, this.options.most);
    return best.flatMap((detection, k) => {
      if (detection.score < this.options.threshold) return [];
      const part = this.#partOf(detection);
      const own = { ...placement, inputSize: this.task.network.spec.size, source: part, target: this.#input() };
      return [{ detection, part, result: this.task.result({ outputs: seen[k], placement: own }) }];
    });
  }

  dispose(): void {
    this.#drop();
  }

  /** As crop-boxes.wgsl has it. */
  #partOf({ box: { xmin, ymin, xmax, ymax } }: Detection): Rectangle {
    const grow = 1 + 2 * this.options.margin;
    const [width, height] = [Math.max((xmax - xmin) * grow, 1), Math.max((ymax - ymin) * grow, 1)];
    const proportions = this.#proportions();
    const size = [Math.max(width, height * proportions), Math.max(height, width / proportions)];
    return { x: (xmin + xmax - size[0]) / 2, y: (ymin + ymax - size[1]) / 2, width: size[0], height: size[1] };
  }

  #input(): Rectangle {
    const [height, width] = this.task.network.spec.size;
    return { x: 0, y: 0, width, height };
  }

  #proportions(): number {
    const [height, width] = this.task.network.spec.size;
    return width / height;
  }

  /** The stages of the sessions of now: those of a lost device are made anew. */
  async #prepared(): Promise<Stages> {
    const [first, second] = await Promise.all([modelOf(this.detector).pipeline(), modelOf(this.task).pipeline()]);
    if (this.#stages?.first === first && this.#stages.second === second) return this.#stages;
    const { most, margin } = this.options;
    const crops = await CropBoxes.create(countedSession(first.session), {
      most,
      margin,
      proportions: this.#proportions(),
    });
    this.#drop();
    const release = modelOf(this.detector).model.hold(() => crops.memoryBytes);
    this.#stages = { first, second, crops, release };
    return this.#stages;
  }

  #drop(): void {
    this.#stages?.crops.dispose();
    this.#stages?.release();
    this.#stages = undefined;
  }
}

/** As many as a frame can pay for: the second network runs once for each. */
const MOST_CROPS = 64;
const MOST_MARGIN = 4;

/** Tasks on an engine have such a network. */
const modelOf = ({ network }: { readonly network: unknown }): PictureModel<Values> => network as PictureModel<Values>;

function countedSession(session: Session): Session {
  if (session.plan.graph.rowCounts?.has('detections')) return session;
  throw new ArgumentError('the detector always finds the same number of boxes: its network does not count them');
}
