import { ArgumentError } from '../../errors';
import { columns, defineCommand } from '../command';
import { type Dataset, type Photo, readDataset } from '../dataset';
import type { Evaluation } from '../evaluation';
import { parseNumber } from '../format';
import { loadVision } from '../load-model';
import { ProgressBar } from '../progress';
import { RUNNER_OPTIONS, withRunner } from '../runner';
import { TASK_COMMANDS } from '../tasks';
import { WEIGHTS_OPTION } from '../tasks/task-command';

/** Measures the networks on annotated pictures. */
export const evaluate = defineCommand({
  name: 'evaluate',
  usage: '--data DIR --split NAME',
  summary: 'measure the networks on annotated pictures',
  details: [
    'DIR has an annotations.json. classify: top-1 and top-5. detect: mean average precision, by PASCAL VOC at 0.5',
    '(all points) and by COCO over 0.50:0.95. segment: intersection over union at the pictures’ own size. With',
    '--per-class also precision and recall at the network’s threshold, the calibration error of its scores, what it',
    'answers to pictures of nothing known, the time that a picture takes, and what was taken for what.',
  ].join('\n'),
  options: {
    data: { type: 'string', value: 'DIR', summary: 'the folder of annotations.json' },
    split: { type: 'string', value: 'NAME', summary: 'which part of the data, such as val' },
    task: { type: 'string', choices: TASK_COMMANDS.map(({ name }) => name), summary: 'only this task' },
    limit: { type: 'string', value: 'N', summary: 'at most N pictures for each task, spread evenly' },
    'per-class': { type: 'boolean', summary: 'figures for each class, and other details' },
    model: WEIGHTS_OPTION,
    ...RUNNER_OPTIONS,
  },
  async run(positionals, options, output) {
    const { data: folder, split, task: only, model, json } = options;
    if (positionals.length > 0) throw new ArgumentError(`evaluate takes no argument, got "${positionals[0]}"`);
    if (folder === undefined || split === undefined)
      throw new ArgumentError('evaluate needs --data DIR and --split NAME');
    if (model !== undefined && only === undefined) throw new ArgumentError('--model needs --task');
    const limit =
      options.limit === undefined ? Infinity : parseNumber('limit', options.limit, { integer: true, least: 1 });
    const data = readDataset(folder);
    const photos = ofSplit(data, split);
    const results: Record<string, Evaluation> = {};
    await withRunner(options, output, async (runner) => {
      for (const { name, builtIn, photos: photosOf, measure } of TASK_COMMANDS) {
        if (only !== undefined && name !== only) continue;
        const chosen = photosOf(photos, limit);
        if (chosen.length === 0) throw new ArgumentError(`split "${split}" has no picture to ${name}`);
        const network = await loadVision(model ?? builtIn, output);
        const bar = new ProgressBar(output, name);
        const onPicture = (done: number, total: number): void => bar.update(done, total);
        results[name] = await measure(runner, network, data, chosen, onPicture).finally(() => bar.finish());
        if (!json) output.out(`${describe(name, results[name], options['per-class'])}\n`);
      }
    });
    if (json) output.out(`${JSON.stringify(toJson(results, options['per-class']), null, 2)}\n`);
  },
});

function ofSplit({ photos }: Dataset, split: string): Photo[] {
  const chosen = photos.filter((photo) => photo.split === split);
  if (chosen.length > 0) return chosen;
  const splits = [...new Set(photos.map((photo) => photo.split))].join(', ');
  throw new ArgumentError(`there is no split "${split}"; there are ${splits}`);
}

/** The figures by task; details under a key of their own, so that the rest keeps its form. */
function toJson(results: Readonly<Record<string, Evaluation>>, withDetails: boolean) {
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
  task: string,
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
