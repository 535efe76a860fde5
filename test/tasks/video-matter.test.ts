import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { VideoMatter } from '../../src/tasks';
import { FLOAT, onnxFile } from '../formats/onnx-file';

const SIZE = [8, 16] as const;

/** Remembers half of what it saw, a channel for each colour; the matte is the mean of that. `downsample_ratio` is added. */
const network = onnxFile({
  inputs: [
    { name: 'src', dims: [1, 3, 'h', 'w'] },
    { name: 'r1i', dims: [1, 'c', 'a', 'b'] },
    { name: 'downsample_ratio', dims: [1] },
  ],
  outputs: ['fgr', 'pha', 'r1o'],
  initializers: [
    { name: 'half', type: FLOAT, dims: [], floats: [0.5] },
    { name: 'less', type: FLOAT, dims: [], floats: [-1] },
  ],
  nodes: [
    { op: 'Add', inputs: ['src', 'r1i'], outputs: ['sum'] },
    { op: 'Mul', inputs: ['sum', 'half'], outputs: ['r1o'] },
    { op: 'ReduceMean', inputs: ['r1o'], outputs: ['mean'], attributes: { axes: [1] } },
    { op: 'Add', inputs: ['downsample_ratio', 'less'], outputs: ['nothing'] },
    { op: 'Add', inputs: ['mean', 'nothing'], outputs: ['pha'] },
    { op: 'Identity', inputs: ['src'], outputs: ['fgr'] },
  ],
});

const grey = (level: number) => ({
  data: new Uint8Array(SIZE[0] * SIZE[1] * 4).fill(level).map((value, i) => (i % 4 === 3 ? 255 : value)),
  width: SIZE[1],
  height: SIZE[0],
});

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

describe.each(['gpu', 'reference'] as const)('a recurrent matte on the %s', (kind) => {
  const load = (): Promise<VideoMatter> => {
    const runner: Runner = kind === 'gpu' ? engine : new ReferenceRunner();
    return VideoMatter.load(runner, network, { size: SIZE });
  };
  const alphaOf = ({ data }: { data: Uint8ClampedArray }): number => data[3];

  it('remembers the frames before, in the order of the calls, until it begins anew', async () => {
    const matter = await load();
    const mattes = await Promise.all([200, 100, 0].map((level) => matter.next(grey(level))));
    expect(mattes.map(alphaOf)).toEqual([100, 100, 50]);
    matter.reset();
    const again = await matter.next(grey(200));
    expect(alphaOf(again)).toBe(100);
    expect([again.width, again.height]).toEqual([16, 8]);
    matter.dispose();
  });
});

it('a file without a memory is refused by name', async () => {
  const other = onnxFile({
    inputs: [{ name: 'x', dims: [1, 3, 8, 8] }],
    outputs: ['y'],
    nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  });
  await expect(VideoMatter.load(engine, other)).rejects.toThrow(
    'the network must take src, r1i, r2i and so on; it takes x',
  );
});
