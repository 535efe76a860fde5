import type { Detection, Graph, Picture, Tensor } from '../src';
import { placePicture } from '../src/picture';
import { pictureToTensor } from '../src/reference/picture';
import { segmentMask } from '../src/reference/segment-mask';
import { toDetections } from '../src/tasks/object-detector';
import { type Backend, endingAt, type Mask, type Models, type Task } from './backend';
import type { CpuAnswer, CpuRequest } from './cpu-worker';
import { toPixels } from './pixels';
import { revived } from './tensors';

/** Graphs on the CPU references, in a worker so that the page stays alive: right, and slow. */
export class CpuRunner {
  readonly #worker = new Worker(new URL('./cpu-worker.ts', import.meta.url), { type: 'module' });
  #last: Promise<unknown> = Promise.resolve();

  values(graph: Graph, input: Tensor, names: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    return this.#run({ graph: endingAt(graph, names), input });
  }

  /** One request at a time: the worker answers in order. */
  #run(request: CpuRequest): Promise<ReadonlyMap<string, Tensor>> {
    const answer = this.#last.then(
      () =>
        new Promise<ReadonlyMap<string, Tensor>>((resolve, reject) => {
          this.#worker.onmessage = ({ data }: MessageEvent<CpuAnswer>) =>
            'error' in data ? reject(new Error(data.error)) : resolve(revived(data.values));
          this.#worker.onerror = (event) => reject(new Error(event.message));
          this.#worker.postMessage(request);
        }),
    );
    this.#last = answer.catch(() => {});
    return answer;
  }
}

/** The three tasks on the CPU. */
export class CpuBackend extends CpuRunner implements Backend {
  readonly adapter = 'CPU references (no WebGPU: seconds rather than milliseconds)';
  readonly engine = undefined;

  constructor(private readonly models: Models) {
    super();
  }

  async classify(picture: Picture): Promise<Float32Array> {
    return (await this.#output('classify', picture)).output.data as Float32Array;
  }

  async detect(picture: Picture): Promise<Detection[]> {
    const { spec, labels } = this.models.detect;
    const { output, width, height } = await this.#output('detect', picture);
    const rows = output.data as Float32Array;
    return toDetections(rows, labels, placePicture(width, height, spec));
  }

  async segment(picture: Picture): Promise<Mask> {
    const { spec, labels } = this.models.segment;
    const { output, width, height } = await this.#output('segment', picture);
    const classes = segmentMask(output, placePicture(width, height, spec));
    return { classes, width, height, labels };
  }

  async #output(task: Task, picture: Picture) {
    const { graph, spec } = this.models[task];
    const pixels = await toPixels(picture);
    const values = await this.values(graph, pictureToTensor(pixels, spec), graph.outputs);
    return { output: values.get(graph.outputs[0])!, width: pixels.width, height: pixels.height };
  }
}
