import { join } from 'node:path';
import { ArgumentError } from '../../errors';
import { VideoMatter } from '../../tasks';
import { defineCommand } from '../command';
import { makeFolder, readBytes, writeBytes } from '../files';
import { encodePicture, readPicture } from '../picture';
import { findPictures, outputFiles } from '../pictures';
import { RUNNER_OPTIONS, withRunner } from '../runner';

/** Cuts people out of the frames of a video, by Robust Video Matting. */
export const matte = defineCommand({
  name: 'matte',
  usage: 'FRAME|FOLDER…',
  summary: 'cut people out of the frames of a video, in order of their names (Robust Video Matting)',
  options: {
    model: { type: 'string', value: 'FILE', summary: 'an .onnx file with inputs src, r1i, r2i and so on' },
    size: { type: 'string', value: 'H,W', default: '288,512', summary: 'what the network sees of a frame' },
    ratio: { type: 'string', value: 'SHARE', summary: 'the share of that at which the coarse matte is made' },
    out: { type: 'string', value: 'FOLDER', summary: 'write each frame there with a transparent background' },
    ...RUNNER_OPTIONS,
  },
  async run(paths, options, output) {
    if (paths.length === 0) throw new ArgumentError('matte needs frames: pictures, or a folder of them');
    if (options.model === undefined) throw new ArgumentError('matte needs a network: --model FILE.onnx');
    const size = sizeOf(options.size);
    const ratio = options.ratio === undefined ? undefined : ratioOf(options.ratio);
    const frames = findPictures(paths);
    const files = options.out === undefined ? undefined : outputFiles('out', join(options.out, '/'), frames);
    const bytes = readBytes(options.model);
    await withRunner(options, output, async (runner) => {
      const matter = await VideoMatter.load(runner, bytes, { size, ...(ratio && { downsampleRatio: ratio }) });
      const rows: { frame: string; share: number }[] = [];
      for (const [k, { path }] of frames.entries()) {
        const cutOut = await matter.next(await readPicture(path));
        const share = keptShare(cutOut.data);
        rows.push({ frame: path, share });
        if (!options.json) output.out(`  ${path}  ${(share * 100).toFixed(1)} % stay\n`);
        if (files) {
          makeFolder(join(files[k], '..'));
          writeBytes(files[k], await encodePicture(cutOut));
        }
      }
      if (options.json) output.out(`${JSON.stringify({ frames: rows })}\n`);
      matter.dispose();
    });
  },
});

function keptShare(data: Uint8ClampedArray): number {
  let kept = 0;
  for (let i = 3; i < data.length; i += 4) kept += data[i] / 255;
  return kept / (data.length / 4);
}

function sizeOf(text: string): readonly [number, number] {
  const sides = text.split(',').map(Number);
  if (sides.length === 2 && sides.every((side) => Number.isInteger(side) && side > 0)) return [sides[0], sides[1]];
  throw new ArgumentError(`--size must be a height and a width as 288,512, got "${text}"`);
}

function ratioOf(text: string): number {
  const ratio = Number(text);
  if (ratio > 0 && ratio <= 1) return ratio;
  throw new ArgumentError(`--ratio must be more than 0 and at most 1, got "${text}"`);
}
