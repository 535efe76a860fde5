import { existsSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { ArgumentError } from '../../errors';
import type { RawPicture } from '../../picture';
import { topLabels } from '../../tasks/image-classifier';
import { aboveThreshold } from '../../tasks/object-detector';
import { BACKEND_OPTIONS, type BackendOptions, openBackend } from '../backend';
import { type Command, columns, defineCommand, type Output } from '../command';
import { drawDetections, drawLabels, drawMask } from '../draw';
import { formatCount, parseNumber } from '../format';
import { loadVision } from '../load-model';
import { readPicture, writeAnnotated, writeGrey } from '../picture';
import { type Answers, BUILT_IN, openVision, type Task } from '../vision';

const COMMON = {
  model: {
    type: 'string',
    value: 'FILE',
    summary: 'weights, a file or address (default: weights/ of the checked-out repository)',
  },
  out: {
    type: 'string',
    value: 'FILE.png',
    summary: 'draw the answer over the picture; a folder when there are several pictures',
  },
  ...BACKEND_OPTIONS,
} as const;

/** What one command makes of one answer. */
interface Report {
  /** For JSON, beside the picture's name and size. */
  readonly json: Readonly<Record<string, unknown>>;
  /** For people: rows of a table. */
  readonly rows: readonly (readonly string[])[];
  readonly overlay: string | Uint8Array;
  /** The class of every pixel, where the task tells one. */
  readonly mask?: Uint8Array;
}

export const classify = defineCommand({
  name: 'classify',
  usage: 'PICTURE…',
  summary: 'say what pictures show',
  options: { top: { type: 'string', value: 'N', default: '5', summary: 'how many labels' }, ...COMMON },
  run(pictures, options, output) {
    const topK = parseNumber('top', options.top, { integer: true, least: 1 });
    return predict('classify', pictures, options, output, (scores, picture, names) => {
      const labels = topLabels(scores, names, { topK });
      return {
        json: { labels },
        rows: labels.map(({ label, score }) => [`  ${score.toFixed(3)}`, label]),
        overlay: drawLabels(labels, picture),
      };
    });
  },
});

export const detect = defineCommand({
  name: 'detect',
  usage: 'PICTURE…',
  summary: 'say what is where in pictures',
  options: {
    threshold: { type: 'string', value: 'SCORE', default: '0.5', summary: 'leave out what scores less' },
    ...COMMON,
  },
  run(pictures, options, output) {
    const threshold = parseNumber('threshold', options.threshold, { least: 0, most: 1 });
    return predict('detect', pictures, options, output, (candidates, picture) => {
      const detections = aboveThreshold(candidates, { threshold });
      return {
        json: { detections },
        rows: detections.map(({ label, score, box }) => [
          `  ${score.toFixed(3)}`,
          label,
          [box.xmin, box.ymin, box.xmax, box.ymax].map((v) => v.toFixed(1)).join(' '),
        ]),
        overlay: drawDetections(detections, picture),
      };
    });
  },
});

export const segment = defineCommand({
  name: 'segment',
  usage: 'PICTURE…',
  summary: 'say which pixels of pictures belong to what',
  options: {
    mask: {
      type: 'string',
      value: 'FILE.png',
      summary: 'write the class index of every pixel as its grey value; a folder when there are several pictures',
    },
    ...COMMON,
  },
  run: (pictures, options, output) =>
    predict('segment', pictures, options, output, (classes, _, names) => {
      const counts = new Uint32Array(256);
      for (const index of classes) counts[index]++;
      const areas = names
        .map((label, index) => ({ label, index, pixels: counts[index], share: counts[index] / classes.length }))
        .filter(({ pixels }) => pixels > 0)
        .sort((a, b) => b.pixels - a.pixels);
      return {
        json: { areas },
        rows: areas.map(({ label, pixels, share }) => [
          `  ${(share * 100).toFixed(1)} %`,
          label,
          `${formatCount(pixels)} pixels`,
        ]),
        overlay: drawMask(classes),
        mask: classes,
      };
    }),
});

export const PREDICTIONS: readonly Command[] = [classify, detect, segment];

async function predict<T extends Task>(
  task: T,
  paths: readonly string[],
  options: BackendOptions & {
    readonly model?: string;
    readonly out?: string;
    readonly mask?: string;
    readonly json: boolean;
  },
  output: Output,
  report: (answer: Answers[T], picture: RawPicture, labels: readonly string[]) => Report,
): Promise<void> {
  if (paths.length === 0) throw new ArgumentError(`${task} needs a picture`);
  const targets = paths.map((path) => ({
    out: options.out === undefined ? undefined : outputFile('out', options.out, path, paths),
    mask: options.mask === undefined ? undefined : outputFile('mask', options.mask, path, paths),
  }));
  const model = await loadVision(options.model ?? BUILT_IN[task], output);
  const backend = await openBackend(options, output);
  try {
    const vision = await openVision(task, backend, model);
    const reports: Record<string, unknown>[] = [];
    const errors: string[] = [];
    for (const [i, path] of paths.entries()) {
      try {
        const picture = await readPicture(path);
        const { json, rows, overlay, mask } = report(await vision.answer(picture), picture, vision.labels);
        const { width, height } = picture;
        const target = targets[i];
        if (target.out !== undefined) await writeAnnotated(target.out, picture, overlay);
        if (target.mask !== undefined && mask) await writeGrey(target.mask, { data: mask, width, height });
        reports.push({ picture: path, width, height, ...json, ...target });
        if (options.json) continue;
        const lines = rows.length > 0 ? columns(rows) : ['  nothing'];
        output.out(`${[`${path} (${width} × ${height})`, ...lines].join('\n')}\n`);
      } catch (error) {
        // One bad picture does not cost the answers about the others.
        if (paths.length === 1 || !(error instanceof ArgumentError)) throw error;
        errors.push(error.message);
        reports.push({ picture: path, error: error.message });
      }
    }
    if (options.json) {
      const { name, adapter } = backend;
      output.out(`${JSON.stringify({ task, backend: name, adapter, pictures: reports }, null, 2)}\n`);
    }
    if (errors.length > 0) throw new ArgumentError(errors.join('; '));
  } finally {
    backend.dispose();
  }
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
