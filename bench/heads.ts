import { existsSync, readFileSync } from 'node:fs';
import { createNodeGpu } from '../src/cli/node-gpu';
import { Engine } from '../src/engine';
import { importOnnx } from '../src/formats/onnx';
import type { Session } from '../src/gpu/session';
import type { Graph } from '../src/graph/graph';
import { readNetwork } from '../src/heads';
import { layerTimings } from '../src/model';
import { Random } from '../test/support/random';
import { shared } from '../test/support/shared';
import { time } from './session-time';

/** Networks of `../shared/onnx/models` that a head decodes on the GPU, by task. */
const NETWORKS = [
  ['detect', 'yolox-nano/yolox-nano.onnx'],
  ['detect', 'ultraface/ultraface-rfb320-simplified.onnx'],
] as const;

const ROUNDS = 5;

/** Held here: Dawn stops answering once this object is collected. */
const gpu = await createNodeGpu();

/**
 * What decoding and suppression cost beside the network that they follow: the CPU time of frames with and without them,
 * in turns, on the adapter that FOVEA_ADAPTER names. `node tools/run-program.mjs bench/heads.ts [NAME|FILE.onnx]`: those
 * networks alone whose name has that, or a detector of your own.
 */
async function main(): Promise<void> {
  const engine = await Engine.create({ gpu });
  console.log(engine.adapter.name);
  const [, , chosen = ''] = process.argv;
  const isFile = existsSync(chosen);
  for (const [task, file] of isFile ? ([['detect', chosen]] as const) : NETWORKS) {
    if (!file.includes(chosen)) continue;
    const path = isFile ? chosen : shared(`onnx/models/${file}`);
    if (!path) {
      console.warn(`skipped: ../shared/onnx/models/${file} is not there`);
      continue;
    }
    const bytes = readFileSync(path);
    const [alone, whole] = [importOnnx(bytes), (await readNetwork(bytes, task)).graph];
    const frames = [await sessionOf(engine, alone), await sessionOf(engine, whole)];
    const least = frames.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [k, frame] of frames.entries()) least[k] = Math.min(least[k], (await time(frame)).cpuMs);
    }
    const [network, both] = least;
    const share = (both - network) / network;
    console.log(
      `${file}: ${network.toFixed(1)} ms of CPU, ${both.toFixed(1)} with its head: ${(100 * share).toFixed(1)} % more`,
    );
    await listOwnLayers(engine, whole, new Set(alone.nodes.map(({ name }) => name)));
  }
}

async function sessionOf(engine: Engine, graph: Graph): Promise<Session> {
  const model = await engine.load(graph);
  const session = await model.session();
  session.write(pictureFor(graph));
  return session;
}

/** A picture of noise in 0..255, in which a detector finds some things. */
const pictureFor = ({ inputs: [name], values }: Graph) => ({
  [name]: new Random(1).tensor(values.get(name)!.shape, 0, 255),
});

/** The times of the head's own layers. */
async function listOwnLayers(engine: Engine, graph: Graph, networks: ReadonlySet<string>): Promise<void> {
  const model = await engine.load(graph);
  const { [layerTimings]: layers } = await model.run(pictureFor(graph), { profile: true });
  for (const { node, op, kernel, setting, timeMs } of layers) {
    if (!networks.has(node))
      console.log(`  ${timeMs.toFixed(2).padStart(8)} ms  ${node} (${op}: ${kernel} ${setting})`);
  }
}

await main();
