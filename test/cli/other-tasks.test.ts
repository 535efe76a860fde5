import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { FLOAT, onnxFile } from '../formats/onnx-file';
import { fovea } from './fovea';

const folder = mkdtempSync(join(tmpdir(), 'fovea-other-tasks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const photo = at('photo.png');
await sharp({ create: { width: 16, height: 12, channels: 3, background: { r: 200, g: 100, b: 50 } } })
  .png()
  .toFile(photo);
// Its output is its input: three maps, which are a picture, and whose mean describes it.
writeFileSync(
  at('same.onnx'),
  onnxFile({
    inputs: [{ name: 'x', dims: [1, 3, 16, 16] }],
    outputs: ['y'],
    nodes: [{ op: 'Abs', inputs: ['x'], outputs: ['y'] }],
  }),
);

const cpu = ['--backend', 'cpu', '--model', at('same.onnx')];

it('a task that no network of Fovea’s own has needs a network', async () => {
  const { code, err } = await fovea('depth', photo, '--backend', 'cpu');
  expect([code, err]).toEqual([1, 'fovea: depth needs a network: --model FILE.onnx\n']);
});

it('transform writes the picture that the network makes', async () => {
  const { code, out, err } = await fovea('transform', photo, ...cpu, '--out', at('out.png'), '--json');
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out).pictures[0].result).toEqual({ width: 16, height: 12 });
  const { data, info } = await sharp(at('out.png')).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, ...data.subarray(0, 3)]).toEqual([16, 12, 200, 100, 50]);
});

it('embed prints a vector of length 1', async () => {
  const preparation = ['--preparation', '{"mean":[0,0,0],"std":[1,1,1]}'];
  const { code, out } = await fovea('embed', photo, ...cpu, ...preparation, '--json');
  expect(code).toBe(0);
  const { embedding } = JSON.parse(out).pictures[0];
  const norm = Math.hypot(200, 100, 50);
  for (const [k, value] of [200, 100, 50].entries()) expect(embedding[k]).toBeCloseTo(value / norm, 5);
});

it('what no head fits, and what is no JSON, is told in one line', async () => {
  const pose = await fovea('pose', photo, ...cpu);
  expect(pose.code).toBe(1);
  expect(pose.err).toContain('no head to pose fits its outputs "y" float32 [1, 3, 16, 16]; tried yolov8-pose');
  const bad = await fovea('embed', photo, ...cpu, '--preparation', 'bgr');
  expect(bad.err).toBe('fovea: --preparation must be JSON, got "bgr"\n');
});

it('matte cuts frames out in order, with what it remembers, into a folder', async () => {
  // Remembers half of what it saw; the matte is the mean of that.
  writeFileSync(
    at('matte.onnx'),
    onnxFile({
      inputs: [
        { name: 'src', dims: [1, 3, 'h', 'w'] },
        { name: 'r1i', dims: [1, 'c', 'a', 'b'] },
      ],
      outputs: ['pha', 'r1o'],
      initializers: [{ name: 'half', type: FLOAT, dims: [], floats: [0.5] }],
      nodes: [
        { op: 'Add', inputs: ['src', 'r1i'], outputs: ['sum'] },
        { op: 'Mul', inputs: ['sum', 'half'], outputs: ['r1o'] },
        { op: 'ReduceMean', inputs: ['r1o'], outputs: ['pha'], attributes: { axes: [1] } },
      ],
    }),
  );
  const frames = at('frames');
  mkdirSync(frames);
  for (const [k, level] of [200, 100].entries()) {
    const background = { r: level, g: level, b: level };
    const image = sharp({ create: { width: 16, height: 8, channels: 3, background } });
    await image.png().toFile(join(frames, `${k}.png`));
  }
  const matte = ['--backend', 'cpu', '--model', at('matte.onnx'), '--size', '8,16'];
  const { code, out, err } = await fovea('matte', frames, ...matte, '--out', at('cut'), '--json');
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out).frames.map(({ share }: { share: number }) => Math.round(share * 255))).toEqual([100, 100]);
  const { data, info } = await sharp(at('cut/1.png')).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, ...data.subarray(0, 4)]).toEqual([16, 8, 100, 100, 100, 100]);

  const refused = async (...more: string[]): Promise<string> => (await fovea('matte', ...more)).err;
  expect(await refused()).toBe('fovea: matte needs frames: pictures, or a folder of them\n');
  expect(await refused(frames)).toBe('fovea: matte needs a network: --model FILE.onnx\n');
  expect(await refused(frames, ...matte, '--size', '8')).toContain('--size must be a height and a width');
  expect(await refused(frames, ...matte, '--ratio', '2')).toContain('--ratio must be more than 0 and at most 1');
  expect(await refused(frames, '--backend', 'cpu', '--model', at('same.onnx'))).toContain('must take src, r1i');
});
