import { ArgumentError } from '../errors';
import { canvasPixels, srgbPixels } from '../gpu/canvas-pixels';
import { frameSize, isRaw, isTexture } from '../gpu/picture-input';
import type { Graph } from '../graph/graph';
import { checkPixels, type PictureSpec, placePicture, type RawPicture } from '../picture';
import { pictureToTensor } from '../reference/picture';
import { transpose } from '../reference/transpose';
import type { LoadedGraph, Runner } from '../runner';
import { frameNow, type Picture, toFrame } from './picture';
import type { Decoder, PictureNetwork, PictureRun, Values } from './task';

/** A network whose input is a picture, on a runner without a GPU: pictures go in and out as arrays. */
export class CpuPictureModel<Outputs = Values> implements PictureNetwork<Outputs> {
  private constructor(
    private readonly runner: Runner,
    readonly model: LoadedGraph,
    readonly spec: PictureSpec,
    private readonly decoder: Decoder<Outputs> | undefined,
  ) {}

  static async load<Outputs>(
    runner: Runner,
    graph: Graph,
    spec: PictureSpec,
    decoder?: Decoder<Outputs>,
  ): Promise<CpuPictureModel<Outputs>> {
    return new CpuPictureModel(runner, await runner.load(graph), spec, decoder);
  }

  async run(picture: Picture): Promise<PictureRun<Outputs>> {
    const pixels = await toPixels(picture);
    const placement = placePicture(pixels.width, pixels.height, this.spec);
    const { inputs, values } = this.model.graph;
    const { shape } = values.get(inputs[0])!;
    const tensor = (await this.runner.prepare?.(pixels, this.spec)) ?? pictureToTensor(pixels, this.spec);
    const input = shape[1] === 3 ? tensor : transpose([tensor], { permutation: [0, 2, 3, 1] }, [shape]);
    const outputs = new Map(Object.entries(await this.model.run({ [inputs[0]]: input })));
    return { outputs: (await this.decoder?.onCpu(outputs, placement, this.runner)) ?? (outputs as Outputs), placement };
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** The pixels of any picture. @throws ArgumentError when it cannot be decoded */
export async function toPixels(picture: Picture): Promise<RawPicture> {
  const frame = frameNow(picture) ?? (await toFrame(picture));
  if (isTexture(frame)) throw new ArgumentError('a GPU texture is a picture for an Engine alone');
  try {
    return isRaw(frame) ? checkPixels(srgbPixels(frame)) : canvasPixels(frame, frameSize(frame));
  } finally {
    if (frame !== picture && 'close' in frame) frame.close();
  }
}
