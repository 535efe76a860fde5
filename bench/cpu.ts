import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web';
import { createNodeGpu } from '../src/cli/node-gpu';
import { compareTensors } from '../src/compare-tensors';
import { CpuRunner } from '../src/cpu/cpu-runner';
import { Engine } from '../src/engine';
import { importOnnx } from '../src/formats/onnx';
import { ReferenceRunner } from '../src/reference/runner';
import type { Runner } from '../src/runner';
import { Tensor } from '../src/tensor';
import { type BenchNetwork, KNOWN_NETWORKS, loadNetwork } from './networks';
import { chosen } from './options';

/** The largest error over the largest magnitude, which is what this tolerance allows. */
function relativeError(actual: Tensor, expected: Tensor): number {
  const { error, allowed } = compareTensors(actual, expected, { ofLargest: 1 });
  return error === 0 ? 0 : error / allowed;
}

type Outputs = Readonly<Record<string, Tensor>>;

/** A network that something has made ready. */
interface Opened {
  run(): Promise<Outputs>;
  close(): Promise<void> | void;
}

/** Something that runs networks without a graphics card. */
interface Contestant {
  readonly name: string;
  open(network: BenchNetwork): Promise<Opened>;
}

interface Line {
  readonly contestant: string;
  readonly timesMs: number[];
  error: number;
}

/** How often a network runs in a round. */
const RUNS = 15;

const HELP = `npm run bench:cpu -- [options]: networks without a graphics card, in Node
  --networks A,B     of ${KNOWN_NETWORKS.join(', ')}; default the first three
  --threads N        of the CPU runner and of wasm; default as many as there are cores, at most 8
  --rounds N         each round runs every contestant in turn; default 3`;

const { values: options } = parseArgs({
  options: {
    networks: { type: 'string', default: KNOWN_NETWORKS.slice(0, 3).join(',') },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});

function fovea(name: string, runner: Runner): Contestant {
  return {
    name: `Fovea, ${name}`,
    async open({ input, files }) {
      const model = await runner.load(importOnnx(files.onnx!));
      return { run: () => model.run({ [input.name]: input.tensor }), close: () => model.dispose() };
    },
  };
}

/** ONNX Runtime's WebAssembly with SIMD. The number of threads is fixed once the first network is loaded. */
function wasm(threads: number): Contestant {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = threads;
  return {
    name: `onnxruntime-web ${ort.env.versions.web} wasm, ${threads} threads`,
    async open({ input, outputs, files }) {
      const session = await ort.InferenceSession.create(files.onnx!, {
        executionProviders: ['wasm'],
        logSeverityLevel: 3,
      });
      return {
        async run() {
          const { data, shape } = input.tensor;
          const results = await session.run({ [input.name]: new ort.Tensor('float32', data, shape) });
          const tensors = outputs.map((output) => {
            const { data: numbers, dims } = results[output];
            return [output, Tensor.float32(dims, numbers as Float32Array)] as const;
          });
          return Object.fromEntries(tensors);
        },
        close: () => session.release(),
      };
    },
  };
}

const REFERENCE = fovea('reference', new ReferenceRunner());

async function compare(network: BenchNetwork, contestants: readonly Contestant[], rounds: number): Promise<Line[]> {
  const expected = await timed(await REFERENCE.open(network));
  const lines = contestants.map(({ name }): Line => ({ contestant: name, timesMs: [], error: 0 }));
  const opened = [];
  for (const contestant of contestants) opened.push(await contestant.open(network));
  // Round 0 warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, line] of lines.entries()) {
      for (let k = 0; k < RUNS; k++) {
        const { outputs, timeMs } = await timed(opened[i]);
        if (round > 0) line.timesMs.push(timeMs);
        const errors = network.outputs.map((name) => relativeError(outputs[name], expected.outputs[name]));
        line.error = Math.max(line.error, ...errors);
      }
    }
  }
  for (const { close } of opened) await close();
  return [{ contestant: REFERENCE.name, timesMs: [expected.timeMs], error: 0 }, ...lines];
}

async function timed({ run }: Opened): Promise<{ outputs: Outputs; timeMs: number }> {
  const start = performance.now();
  const outputs = await run();
  return { outputs, timeMs: performance.now() - start };
}

function print(network: BenchNetwork, lines: readonly Line[]): void {
  console.log(`\n${network.name}`);
  for (const { contestant, timesMs, error } of lines) {
    const sorted = timesMs.toSorted((a, b) => a - b);
    const [least, median] = [sorted[0], sorted[Math.floor(sorted.length / 2)]].map((ms) => ms.toFixed(1).padStart(8));
    console.log(`  ${contestant.padEnd(46)} ${median} ms, least ${least} ms, error ${error.toExponential(1)}`);
  }
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const several = new CpuRunner(options.threads === undefined ? {} : { threads: Number(options.threads) });
  const one = new CpuRunner({ threads: 1 });
  process.env.FOVEA_ADAPTER ??= 'swiftshader';
  const engine = await Engine.create({ gpu: await createNodeGpu() });
  const threads = Number(/\d+/.exec(several.name)![0]);
  const contestants = [
    fovea(several.name, several),
    fovea(one.name, one),
    fovea(`${engine.name} (Dawn in Node)`, engine),
    wasm(threads),
  ];
  console.log(
    'median and least time of a run, and the largest difference from the reference relative to its largest number',
  );
  for (const name of chosen(options.networks, KNOWN_NETWORKS)) {
    const network = loadNetwork(name);
    if (network) print(network, await compare(network, contestants, Number(options.rounds)));
  }
}

await main();
