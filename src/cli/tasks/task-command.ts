import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { ArgumentError } from '../../errors';
import type { VisionModel } from '../../models';
import type { RawPicture } from '../../picture';
import type { Runner } from '../../runner';
import type { VisionTask } from '../../tasks/vision-task';
import { type Command, columns, defineCommand, type Option, type OptionValues, type Output } from '../command';
import type { Dataset, Photo } from '../dataset';
import { type Evaluation, type OnPicture, spread } from '../evaluation';
import { loadVision } from '../load-model';
import { NETWORK_OPTIONS, type NetworkOptionValues, parseNetworkOptions } from '../network-options';
import { readPicture, writeAnnotated, writeGrey } from '../picture';
import { RUNNER_OPTIONS, type RunnerOptions, withRunner } from '../runner';

/** A task's network, as far as its measurement needs it. */
export type Answering<Result> = Pick<VisionTask<Result>, 'answer'> &
  Pick<VisionModel, 'labels' | 'dataNames' | 'threshold'>;

/** A command's answer about one picture. */
export interface Report {
  /** For JSON, beside the picture's name and size. */
  readonly json: Readonly<Record<string, unknown>>;
  /** For people: rows of a table. */
  readonly rows: readonly (readonly string[])[];
  /** Drawn over the picture: an SVG document, or RGBA pixels of its size. */
  readonly overlay: string | Uint8Array;
  /** One byte for each pixel, where the task gives a mask. */
  readonly mask?: Uint8Array;
}

/** A task on the command line: its command, and how it is measured. */
export interface TaskDefinition<Result, O extends Record<string, Option>> {
  readonly task: {
    /** Its name is the command's. */
    readonly task: { readonly name: string; result(run: never, labels: never, engine: never): Result };
    load(runner: Runner, model: VisionModel): Promise<Pick<VisionTask<Result>, 'labels' | 'answer'>>;
  };
  /** The network that comes with Fovea. */
  readonly builtIn: string;
  readonly summary: string;
  readonly options: O;
  /** Checks the options; the function that it returns describes one result. */
  reporter(options: OptionValues<O>): (result: Result, picture: RawPicture, labels: readonly string[]) => Report;
  /** The pictures that the task can be measured on, in groups of which a limit takes equally many. */
  samples(photos: readonly Photo[]): readonly (readonly Photo[])[];
  evaluate(
    network: Answering<Result>,
    data: Dataset,
    photos: readonly Photo[],
    onPicture: OnPicture,
  ): Promise<Evaluation>;
}

export const WEIGHTS_OPTION = {
  type: 'string',
  value: 'FILE',
  summary: 'a .safetensors or .onnx file or its address (default: weights/ of the checked-out repository)',
} as const;

const COMMON = {
  model: WEIGHTS_OPTION,
  out: {
    type: 'string',
    value: 'FILE.png',
    summary: 'draw the answer over the picture; a folder when there are several pictures',
  },
  ...NETWORK_OPTIONS,
  ...RUNNER_OPTIONS,
} as const;

/** Makes a task's command, and its measurement with a network of its own. */
export function taskCommand<Result, const O extends Record<string, Option>>(definition: TaskDefinition<Result, O>) {
  const { task, summary, evaluate } = definition;
  const { name } = task.task;
  const command: Command = defineCommand({
    name,
    usage: 'PICTURE…',
    summary,
    options: { ...definition.options, ...COMMON },
    run: (paths, options, output) => predict(definition, paths, options as unknown as PredictOptions<O>, output),
  });
  const measure = async (
    runner: Runner,
    model: VisionModel,
    data: Dataset,
    photos: readonly Photo[],
    onPicture: OnPicture,
  ): Promise<Evaluation> => {
    const network = await task.load(runner, model);
    return evaluate({ ...model, answer: (picture) => network.answer(picture) }, data, photos, onPicture);
  };
  const photos = (all: readonly Photo[], limit: number): Photo[] =>
    definition.samples(all).flatMap((group) => spread(group, limit));
  return { ...definition, name, command, measure, photos };
}

type PredictOptions<O extends Record<string, Option>> = OptionValues<O> &
  RunnerOptions &
  NetworkOptionValues & {
    readonly model?: string;
    readonly out?: string;
    /** The file for the mask, where the task has one. */
    readonly mask?: string;
    readonly json: boolean;
  };

async function predict<Result, O extends Record<string, Option>>(
  { task, builtIn, reporter }: TaskDefinition<Result, O>,
  paths: readonly string[],
  options: PredictOptions<O>,
  output: Output,
): Promise<void> {
  const { name } = task.task;
  const report = reporter(options);
  if (paths.length === 0) throw new ArgumentError(`${name} needs a picture`);
  const targets = paths.map((path) => ({
    out: options.out === undefined ? undefined : outputFile('out', options.out, path, paths),
    mask: options.mask === undefined ? undefined : outputFile('mask', options.mask, path, paths),
  }));
  const model = await loadVision(options.model ?? builtIn, output, name, parseNetworkOptions(options));
  await withRunner(options, output, async (runner) => {
    const network = await task.load(runner, model);
    const pictures: Record<string, unknown>[] = [];
    const errors: string[] = [];
    for (const [i, path] of paths.entries()) {
      try {
        const picture = await readPicture(path);
        const { json, rows, overlay, mask } = report(await network.answer(picture), picture, network.labels);
        const { width, height } = picture;
        const target = targets[i];
        if (target.out !== undefined) await writeAnnotated(target.out, picture, overlay);
        if (target.mask !== undefined && mask) await writeGrey(target.mask, { data: mask, width, height });
        pictures.push({ picture: path, width, height, ...json, ...target });
        if (options.json) continue;
        const lines = rows.length > 0 ? columns(rows) : ['  nothing'];
        output.out(`${[`${path} (${width} × ${height})`, ...lines].join('\n')}\n`);
      } catch (error) {
        // One bad picture does not cost the answers about the others.
        if (paths.length === 1 || !(error instanceof ArgumentError)) throw error;
        errors.push(error.message);
        pictures.push({ picture: path, error: error.message });
      }
    }
    if (options.json) {
      const { backend } = options;
      output.out(`${JSON.stringify({ task: name, backend, adapter: runner.name, pictures }, null, 2)}\n`);
    }
    if (errors.length > 0) throw new ArgumentError(errors.join('; '));
  });
}

/** @throws ArgumentError when two pictures would be drawn into one file, and for one that is no .png */
function outputFile(option: string, out: string, path: string, paths: readonly string[]): string {
  const isFolder = paths.length > 1 || /[\\/]$/.test(out) || (existsSync(out) && statSync(out).isDirectory());
  if (!isFolder) {
    if (/\.png$/i.test(out)) return out;
    throw new ArgumentError(`--${option} must be a .png file or a folder, got "${out}"`);
  }
  const nameOf = (file: string): string => `${basename(file, extname(file))}.png`;
  const same = paths.find((other) => other !== path && nameOf(other) === nameOf(path));
  if (same !== undefined) throw new ArgumentError(`${path} and ${same} would both be drawn into ${nameOf(path)}`);
  return join(out, nameOf(path));
}
