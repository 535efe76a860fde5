// Run by driver.ts in a process of its own, before a GPU that is not there: plans networks as for that GPU, compiles each
// pipeline that a plan uses, and writes all dispatches to a file. Every tie to the inside of Fovea is here.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LADDER_LAYERS, type LadderLayer, ladderDevice, ladderGraph } from '../../demo/lessons/rungs';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { importOnnx } from '../../src/formats/onnx';
import { readSafetensors } from '../../src/formats/safetensors';
import { acquireDevice } from '../../src/gpu/device';
import type { Candidate, Dispatch, Operand } from '../../src/gpu/kernel';
import { layoutSize } from '../../src/gpu/layout';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { elementBytes, type Plan, type PlanStep, type Precision } from '../../src/gpu/plan';
import { planGraph } from '../../src/gpu/plan-graph';
import { storageTypeOf } from '../../src/gpu/session';
import type { StorageType } from '../../src/gpu/shader';
import type { Graph } from '../../src/graph/graph';
import { foldConstants } from '../../src/graph/passes/fold-constants';
import { graphStatistics } from '../../src/graph/statistics';
import { buildVisionModel } from '../../src/models';
import { runReferenceNode } from '../../src/reference';
import { shared } from '../../test/support/shared';
import { jobOf } from './driver';
import type { Dispatched } from './loops';
import { MADE_NETWORKS, ONNX_NETWORKS } from './networks';
import type { AdapterInfo } from './peers/recording';

/** Options of a collection. */
export interface CollectJob {
  readonly networks: readonly string[];
  readonly precision: Precision;
  /** Every candidate of each node, not the chosen one alone. */
  readonly candidates: boolean;
  /** A file that gets the dispatches, as JSON. */
  readonly result: string;
  /** The file to which the driver adds a line for each pipeline. */
  readonly pipelines: string;
}

/** What comes of it. */
export interface Collected {
  readonly adapter: AdapterInfo;
  readonly dispatches: readonly Dispatched[];
}

/** The layers of the lesson on the ladder. */
const isLadder = (name: string): name is LadderLayer => Object.hasOwn(LADDER_LAYERS, name);

/** A network by its name here, or an ONNX file by its path. */
function read(name: string): Graph | undefined {
  if (name.endsWith('.onnx')) return importOnnx(readFileSync(resolve(name)));
  if (isLadder(name)) return ladderGraph(name);
  if (name in MADE_NETWORKS) return MADE_NETWORKS[name]();
  const onnx = ONNX_NETWORKS[name];
  if (onnx !== undefined) {
    const path = shared(`onnx/models/${onnx}`);
    return path === undefined ? undefined : importOnnx(readFileSync(path));
  }
  const file = `${name}.safetensors`;
  return buildVisionModel(readSafetensors(readFileSync(resolve('weights', file)), file), file).graph;
}

/** Compiles pipelines one at a time, and knows which line of the driver's file is whose. */
class Compiler {
  readonly #lines = new Map<string, number>();
  readonly #cache: PipelineCache;

  constructor(
    device: GPUDevice,
    private readonly file: string,
  ) {
    this.#cache = new PipelineCache(device);
  }

  /** The line of a dispatch's pipeline, from 0; -1 where it does not compile. */
  async lineOf(dispatch: Dispatch, storage: StorageType): Promise<number> {
    const constants = JSON.stringify(Object.entries(dispatch.constants).sort());
    const key = `${dispatch.shader.name}/${dispatch.shader.variant}/${storage}/${dispatch.subgroupSize ?? ''}/${constants}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    let line = -1;
    try {
      const before = this.#written();
      await this.#cache.get(dispatch, storage);
      if (this.#written() !== before + 1) throw new Error('the driver saw no new pipeline');
      line = before;
    } catch (error) {
      console.error(`no pipeline: ${key}: ${String(error).slice(0, 300)}`);
    }
    this.#lines.set(key, line);
    return line;
  }

  #written(): number {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n').length - 1 : 0;
  }
}

/** Of all that a dispatch reads and writes, each once. */
/** A tensor that is bound twice comes from memory once. */
function bytesOf({ bind }: Dispatch, plan: Plan): number {
  const keyOf = (operand: Operand): unknown => (operand.kind === 'tensor' ? operand.value : operand);
  const distinct = new Map(Object.values(bind).map((operand) => [keyOf(operand), operand]));
  return [...distinct.values()].reduce((sum, operand) => sum + operandBytes(operand, plan), 0);
}

function operandBytes(operand: Operand, { tensors, precision }: Plan): number {
  switch (operand.kind) {
    case 'scratch':
      return operand.sizeBytes;
    case 'constant':
      return operand.pack().length * (operand.float32 ? 4 : elementBytes('float32', precision));
    case 'tensor': {
      const { shape, layout, dtype } = tensors.get(operand.value)!;
      return layoutSize(shape, layout) * elementBytes(dtype, precision);
    }
  }
}

async function dispatchesOf(
  network: string,
  plan: Plan,
  compiler: Compiler,
  candidatesOf: (step: PlanStep) => readonly Candidate[],
): Promise<Dispatched[]> {
  const { nodes } = graphStatistics(plan.graph);
  const dispatches: Dispatched[] = [];
  for (const step of plan.steps) {
    const { node, context, candidates, chosen } = step;
    for (const candidate of candidatesOf(step)) {
      for (const [part, dispatch] of candidate.dispatches.entries()) {
        const storage = storageTypeOf(dispatch, plan);
        dispatches.push({
          network,
          node: node.name,
          op: node.op,
          kernel: candidate.kernel,
          setting: candidate.setting,
          rank: candidates.indexOf(candidate),
          chosen: candidate === chosen,
          part,
          shader: dispatch.shader.name,
          constants: dispatch.constants,
          storage,
          workgroups: dispatch.workgroups,
          inputs: context.inputs.map(({ shape }) => shape),
          outputs: context.outputs.map(({ shape }) => shape),
          flops: nodes.get(node.name)?.flops ?? 0,
          bytes: bytesOf(dispatch, plan),
          pipeline: await compiler.lineOf(dispatch, storage),
        });
      }
    }
  }
  return dispatches;
}

async function adapterInfo(gpu: GPU): Promise<AdapterInfo> {
  const { info } = (await gpu.requestAdapter())!;
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize } = info;
  return { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize };
}

async function main({ networks, precision, candidates, result, pipelines }: CollectJob): Promise<void> {
  const gpu = await createNodeGpu('default');
  // Dawn's device dies with this object.
  Object.assign(globalThis, { kept: gpu });
  const { device, traits, report } = await acquireDevice({ gpu });
  if (report.software) throw new Error(`${report.name} answered, which computes on the CPU`);
  const compiler = new Compiler(device, pipelines);
  // Tuning considers variants that are otherwise not loaded.
  const tune = candidates ? async () => (all: readonly Candidate[]) => all[0] : undefined;
  const dispatches: Dispatched[] = [];
  for (const name of networks) {
    const graph = read(name);
    if (!graph) continue;
    const options = { precision, device: isLadder(name) ? ladderDevice(traits) : traits, tune };
    const plan = await planGraph(foldConstants(runReferenceNode)(graph), options);
    const considered = (step: PlanStep) => (candidates ? step.candidates : [step.chosen]);
    dispatches.push(...(await dispatchesOf(name, plan, compiler, considered)));
  }
  const collected: Collected = { adapter: await adapterInfo(gpu), dispatches };
  writeFileSync(result, JSON.stringify(collected));
}

await main(jobOf<CollectJob>());
