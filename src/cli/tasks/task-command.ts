import { ArgumentError } from '../../errors';
import type { VisionModel } from '../../models';
import type { RawPicture } from '../../picture';
import type { Runner } from '../../runner';
import type { VisionTask } from '../../tasks/vision-task';
import { type AnswerOptions, Answers, type Report } from '../answers';
import { type Command, defineCommand, type Option, type OptionValues, type Output } from '../command';
import type { Dataset, Photo } from '../dataset';
import { type Evaluation, type OnPicture, spread } from '../evaluation';
import { loadVision } from '../load-model';
import { NETWORK_OPTIONS, type NetworkOptionValues, parseNetworkOptions } from '../network-options';
import { readPicture } from '../picture';
import { findPictures } from '../pictures';
import { RUNNER_OPTIONS, type RunnerOptions, withRunner } from '../runner';

/** A task's network, as far as its measurement needs it. */
export type Answering<Result> = Pick<VisionTask<Result>, 'answer'> &
  Pick<VisionModel, 'labels' | 'dataNames' | 'threshold'>;

/** A task's command. */
export interface AnswerDefinition<Result, O extends Record<string, Option>> {
  readonly task: {
    /** Its name is the command's. */
    readonly task: { readonly name: string; result?(run: never, labels: never, engine: never): Result };
    load(runner: Runner, model: VisionModel): Promise<Asked<Result>>;
  };
  /** The network that comes with Fovea, if one does. */
  readonly builtIn?: string;
  readonly summary: string;
  readonly options: O;
  /** Checks the options; the function that it returns describes one result. */
  reporter(options: OptionValues<O>): (result: Result, picture: RawPicture, labels: readonly string[]) => Report;
}

/** A task's network that is asked about pictures. */
type Asked<Result> = Pick<VisionTask<unknown>, 'labels'> & { answer(picture: RawPicture): Promise<Result> };

/** A task on the command line: its command, and how it is measured. */
export interface TaskDefinition<Result, O extends Record<string, Option>> extends AnswerDefinition<Result, O> {
  readonly task: {
    readonly task: { readonly name: string; result(run: never, labels: never, engine: never): Result };
    load(runner: Runner, model: VisionModel): Promise<Pick<VisionTask<Result>, 'labels' | 'answer'>>;
  };
  readonly builtIn: string;
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

const MODEL_OPTION = { type: 'string', value: 'FILE', summary: 'an .onnx file or its address' } as const;

const COMMON = {
  model: WEIGHTS_OPTION,
  out: {
    type: 'string',
    value: 'FILE.png',
    summary: 'draw the answer over the picture; a folder when there are several pictures, - for stdout',
  },
  'out-dir': {
    type: 'string',
    value: 'DIR',
    summary: 'write each answer and its drawing there; what is answered there already is not asked again',
  },
  jsonl: { type: 'boolean', summary: 'print each answer as a line of JSON, as soon as it is there' },
  shard: { type: 'string', value: 'K/N', summary: 'only the K-th of N equal parts of the pictures' },
  ...NETWORK_OPTIONS,
  ...RUNNER_OPTIONS,
} as const;

/** Makes a task's command. */
export function answerCommand<Result, const O extends Record<string, Option>>(
  definition: AnswerDefinition<Result, O>,
): Command {
  return defineCommand({
    name: definition.task.task.name,
    usage: 'PICTURE|FOLDER|-…',
    summary: definition.summary,
    options: { ...definition.options, ...COMMON, ...(definition.builtIn === undefined && { model: MODEL_OPTION }) },
    run: (paths, options, output) => predict(definition, paths, options as unknown as PredictOptions<O>, output),
  });
}

/** Makes a task's command, and its measurement with a network of its own. */
export function taskCommand<Result, const O extends Record<string, Option>>(definition: TaskDefinition<Result, O>) {
  const { task, evaluate } = definition;
  const { name } = task.task;
  const command = answerCommand(definition);
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
  NetworkOptionValues &
  AnswerOptions & {
    readonly model?: string;
    readonly shard?: string;
  };

async function predict<Result, O extends Record<string, Option>>(
  { task, builtIn, options: own, reporter }: AnswerDefinition<Result, O>,
  paths: readonly string[],
  options: PredictOptions<O>,
  output: Output,
): Promise<void> {
  const { name } = task.task;
  const report = reporter(options);
  if (paths.length === 0) throw new ArgumentError(`${name} needs a picture`);
  const file = options.model ?? builtIn;
  if (file === undefined) throw new ArgumentError(`${name} needs a network: --model FILE.onnx`);
  const pictures = findPictures(paths, options.shard);
  const answers = new Answers(pictures, options, settingsOf(options, name, file, own), output);
  const model = await loadVision(file, output, name, parseNetworkOptions(options));
  await withRunner(options, output, async (runner) => {
    const network = await task.load(runner, model);
    for (const file of pictures) {
      if (answers.takeStored(file)) continue;
      const answered = await answers.unlessBroken(file, async () => {
        const picture = await readPicture(file.path);
        return { picture, report: report(await network.answer(picture), picture, network.labels) };
      });
      if (answered) await answers.add(file, answered.picture, answered.report);
    }
    answers.finish({ task: name, backend: options.backend, adapter: runner.name });
  });
}

/** The options that the answers depend on, of the task and of every task. */
function settingsOf<O extends Record<string, Option>>(
  options: PredictOptions<O>,
  task: string,
  model: string,
  own: O,
): Record<string, unknown> {
  const { model: _given, precision, mask: _, ...others } = options;
  const names = Object.keys({ ...own, ...NETWORK_OPTIONS }).filter((option) => option in others);
  return { task, model, precision, ...Object.fromEntries(names.map((option) => [option, options[option]])) };
}
