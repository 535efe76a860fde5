import { ArgumentError } from '../../errors';
import { BACKEND_OPTIONS, type Backend, openBackend } from '../backend';
import { columns, defineCommand, type Output } from '../command';
import { type Dataset, type Photo, readDataset } from '../dataset';
import {
  type Evaluation,
  evaluateClassifier,
  evaluateDetector,
  evaluateSegmenter,
  type OnPicture,
  photosFor,
} from '../evaluation';
import { parseNumber } from '../format';
import { loadVision } from '../load-model';
import { ProgressBar } from '../progress';
import { BUILT_IN, openVision, type Task } from '../vision';

const TASKS = ['classify', 'detect', 'segment'] as const satisfies readonly Task[];

/** Measures the networks on annotated pictures. */
export const evaluate = defineCommand({
  name: 'evaluate',
  usage: '--data DIR --split NAME',
  summary: 'measure the networks on annotated pictures',
  details: [
    'DIR has an annotations.json. classify: top-1 and top-5. detect: mean average precision, by PASCAL VOC at 0.5',
    '(all points) and by COCO over 0.50:0.95. segment: intersection over union at the pictures’ own size. With',
    '--per-class also precision and recall at the network’s threshold, the calibration error of its scores, the time',
    'that a picture takes, and what was taken for what.',
  ].join('\n'),
  options: {
    data: { type: 'string', value: 'DIR', summary: 'the folder of annotations.json' },
    split: { type: 'string', value: 'NAME', summary: 'which part of the data, such as val' },
    task: { type: 'string', choices: TASKS, summary: 'only this task' },
    limit: { type: 'string', value: 'N', summary: 'at most N pictures for each task, spread evenly' },
    'per-class': { type: 'boolean', summary: 'figures for each class, and other details' },
    model: {
      type: 'string',
      value: 'FILE',
      summary: 'weights, a file or address (default: weights/ of the checked-out repository)',
    },
    ...BACKEND_OPTIONS,
  },
  async run(positionals, options, output) {
    const { data: folder, split, task, model, json } = options;
    if (positionals.length > 0) throw new ArgumentError(`evaluate takes no argument, got "${positionals[0]}"`);
    if (folder === undefined || split === undefined)
      throw new ArgumentError('evaluate needs --data DIR and --split NAME');
    if (model !== undefined && task === undefined) throw new ArgumentError('--model needs --task');
    const limit =
      options.limit === undefined ? Infinity : parseNumber('limit', options.limit, { integer: true, least: 1 });
    const data = readDataset(folder);
    const photos = ofSplit(data, split);

    const backend = await openBackend(options, output);
    const results: Partial<Record<Task, Evaluation>> = {};
    try {
      for (const one of task ? [task] : TASKS) {
        const chosen = photosFor(one, photos, limit);
        if (chosen.length === 0) throw new ArgumentError(`split "${split}" has no picture to ${one}`);
        results[one] = await evaluateTask(one, backend, model, data, chosen, output);
        if (!json) output.out(`${describe(one, results[one], options['per-class'])}\n`);
      }
    } finally {
      backend.dispose();
    }
    if (json) output.out(`${JSON.stringify(toJson(results, options['per-class']), null, 2)}\n`);
  },
});

function ofSplit({ photos }: Dataset, split: string): Photo[] {
  const chosen = photos.filter((photo) => photo.split === split);
  if (chosen.length > 0) return chosen;
  const splits = [...new Set(photos.map((photo) => photo.split))].join(', ');
  throw new ArgumentError(`there is no split "${split}"; there are ${splits}`);
}

async function evaluateTask(
  task: Task,
  backend: Backend,
  reference: string | undefined,
  data: Dataset,
  photos: readonly Photo[],
  output: Output,
): Promise<Evaluation> {
  const model = await loadVision(reference ?? BUILT_IN[task], output);
  const bar = new ProgressBar(output, task);
  const onPicture: OnPicture = (done, total) => bar.update(done, total);
  try {
    switch (task) {
      case 'classify':
        return await evaluateClassifier(await openVision(task, backend, model), data, photos, onPicture);
      case 'detect':
        return await evaluateDetector(await openVision(task, backend, model), data, photos, onPicture);
      case 'segment':
        return await evaluateSegmenter(await openVision(task, backend, model), data, photos, onPicture);
    }
  } finally {
    bar.finish();
  }
}

/** The figures by task; details under a key of their own, so that the rest keeps its form. */
function toJson(results: Partial<Record<Task, Evaluation>>, withDetails: boolean) {
  const entries = Object.entries(results);
  const figures = Object.fromEntries(entries.map(([task, { figures }]) => [task, figures]));
  if (!withDetails) return figures;
  const details = entries.map(([task, { details, measure, perClass, mistakes }]) => [
    task,
    { ...details, [measure]: Object.fromEntries(perClass.map(({ name, value }) => [name, value])), mistakes },
  ]);
  return { ...figures, details: Object.fromEntries(details) };
}

/** How many of the mistakes are shown. */
const MISTAKES = 20;

function describe(
  task: Task,
  { figures, details, measure, perClass, mistakes }: Evaluation,
  withClasses: boolean,
): string {
  const number = (value: number): string => (Number.isInteger(value) && value > 1 ? String(value) : value.toFixed(4));
  const rows = Object.entries({ ...figures, ...details }).map(([name, value]) => [`  ${name}`, number(value)]);
  const lines = [task, ...columns(rows)];
  if (!withClasses) return lines.join('\n');
  const classRows = perClass.map(({ name, value }) => [`    ${name}`, value.toFixed(3)]);
  const mistakeRows = mistakes
    .slice(0, MISTAKES)
    .map(({ truth, answer, count }) => [`    ${truth}`, `taken for ${answer}`, String(count)]);
  return [...lines, `  ${measure}:`, ...columns(classRows), '  mistakes:', ...columns(mistakeRows)].join('\n');
}
