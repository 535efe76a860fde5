import { ArgumentError } from '../../errors';
import { PromptableSegmenter } from '../../tasks';
import { columns, defineCommand } from '../command';
import { drawInstances } from '../draw';
import { readBytes, writeBytes } from '../files';
import { formatCount } from '../format';
import { encodeAnnotated, readPicture } from '../picture';
import { RUNNER_OPTIONS, withRunner } from '../runner';

/** Cuts out what points and a box of one picture mean, by SAM or MobileSAM. */
export const prompt = defineCommand({
  name: 'prompt',
  usage: 'ENCODER.onnx DECODER.onnx PICTURE',
  summary: 'cut out what points or a box in a picture mean (SAM, MobileSAM)',
  options: {
    point: { type: 'string', multiple: true, value: 'X,Y', summary: 'a point on the thing, in pixels of the picture' },
    outside: { type: 'string', multiple: true, value: 'X,Y', summary: 'a point beside the thing' },
    box: { type: 'string', value: 'X,Y,X,Y', summary: 'a box around the thing: its left, top, right and bottom edge' },
    out: { type: 'string', value: 'FILE.png', summary: 'draw the likeliest mask over the picture' },
    ...RUNNER_OPTIONS,
  },
  async run(files, options, output) {
    const [encoder, decoder, path, ...more] = files;
    if (path === undefined || more.length > 0) {
      throw new ArgumentError(`prompt needs an encoder, a decoder and a picture, got ${files.length} files`);
    }
    const on = options.point.map((text) => place('point', text));
    const beside = options.outside.map((text) => ({ ...place('outside', text), inside: false }));
    const box = options.box === undefined ? undefined : boxOf(options.box);
    const picture = await readPicture(path);
    await withRunner(options, output, async (runner) => {
      const source = { encoder: readBytes(encoder), decoder: readBytes(decoder) };
      const segmenter = await PromptableSegmenter.load(runner, source);
      const seen = await segmenter.encode(picture);
      const masks = await seen.segment({ points: [...on, ...beside], ...(box && { box }) });
      const rows = masks.map(({ score, area }) => ({ score, area }));
      output.out(options.json ? `${JSON.stringify({ picture: path, masks: rows })}\n` : `${table(rows)}\n`);
      if (options.out !== undefined) writeBytes(options.out, await encodeAnnotated(picture, drawn(masks[0], seen)));
      segmenter.dispose();
    });
  },
});

const table = (rows: readonly { score: number; area: number }[]): string =>
  columns(rows.map(({ score, area }) => [`  ${score.toFixed(3)}`, `${formatCount(area)} pixels`])).join('\n');

function drawn(mask: { readonly pixels: Uint8Array }, size: { readonly width: number; readonly height: number }) {
  const box = { xmin: 0, ymin: 0, xmax: size.width, ymax: size.height };
  const detection = { label: 'mask', score: 1, index: 0, box };
  return drawInstances([{ detection, pixels: mask.pixels, area: 0 }], size);
}

/** @throws ArgumentError for text that is not so many numbers */
function numbersOf(option: string, text: string, count: number): number[] {
  const numbers = text.split(',').map(Number);
  const isGood = numbers.length === count && numbers.every(Number.isFinite) && !/^\s*$/.test(text);
  if (isGood) return numbers;
  throw new ArgumentError(`--${option} must be ${count} numbers as 12,34, got "${text}"`);
}

function place(option: string, text: string): { x: number; y: number } {
  const [x, y] = numbersOf(option, text, 2);
  return { x, y };
}

function boxOf(text: string) {
  const [xmin, ymin, xmax, ymax] = numbersOf('box', text, 4);
  return { xmin, ymin, xmax, ymax };
}
