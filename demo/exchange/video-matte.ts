import { ArgumentError, type Picture, type Runner, Tensor, type VisionModel, VisionTask } from '../../src';
import { type Matte, VideoMatter } from '../../src/tasks';
import type { PictureNetwork, Task } from '../../src/tasks/task';
import { RATIO_INPUT, STATE_INPUT } from '../../src/tasks/video-matter';
import type { NetworkBytes } from './network-bytes';

/** A recurrent network, whose file is loaded anew for what it remembers. */
interface RecurrentModel extends VisionModel {
  readonly bytes: Uint8Array;
}

const SIZE = [288, 512] as const;

/** A recurrent matte as a task of one picture, which is the first frame of a video. */
export class RecurrentMatte extends VisionTask<Matte, Matte> {
  static readonly task: Task<Matte, Matte> = {
    name: 'video-matte',
    outputs: {},
    result: ({ outputs }) => outputs,
  };

  private constructor(
    task: Task<Matte, Matte>,
    network: PictureNetwork<Matte>,
    readonly matter: VideoMatter,
  ) {
    super(task, network, []);
  }

  // The base class loads graphs, and this network's remembers.
  static override async load(runner: Runner, model: unknown): Promise<never> {
    const { bytes, spec } = model as RecurrentModel;
    const matter = await VideoMatter.load(runner, bytes, { size: SIZE });
    const network: PictureNetwork<Matte> = {
      spec,
      run: async (picture) => {
        matter.reset();
        const outputs = await matteOf(matter, picture);
        const whole = { x: 0, y: 0, width: outputs.width, height: outputs.height };
        const target = { x: 0, y: 0, width: SIZE[1], height: SIZE[0] };
        return { outputs, placement: { ...whole, inputSize: SIZE, source: whole, target } };
      },
      dispose: () => matter.dispose(),
    };
    return new RecurrentMatte(RecurrentMatte.task, network, matter) as never;
  }
}

/** Answers the next frame, with what the network remembers of those before. */
export const nextMatte = (task: unknown, frame: Picture): Promise<Matte> =>
  matteOf((task as RecurrentMatte).matter, frame);

async function matteOf(matter: VideoMatter, frame: Picture): Promise<Matte> {
  const { data, width, height } = await matter.next(frame);
  return { width, height, alpha: Uint8Array.from({ length: width * height }, (_, i) => data[i * 4 + 3]) };
}

/** Reads the network as it sees a first frame, when it remembers nothing. @throws ArgumentError when it has no memory */
export async function readRecurrent({ name, bytes }: NetworkBytes): Promise<RecurrentModel> {
  const { importOnnx, readModel } = await import('../../src/formats/onnx');
  const inputs = readModel(bytes).graph.inputs.map((input) => input.name);
  const states = inputs.filter((input) => STATE_INPUT.test(input));
  if (!inputs.includes('src') || states.length === 0) throw new ArgumentError(`${name} remembers no frames`);
  const values = {
    ...Object.fromEntries(states.map((state) => [state, Tensor.zeros('float32', [1, 1, 1, 1])])),
    ...(inputs.includes(RATIO_INPUT) && { [RATIO_INPUT]: Tensor.float32([1], [1]) }),
  };
  const graph = importOnnx(bytes, { shapes: { src: [1, 3, ...SIZE] }, values });
  const spec = { size: SIZE, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  return { task: RecurrentMatte.task.name, graph: { ...graph, outputs: ['pha'] }, labels: [], spec, bytes };
}
