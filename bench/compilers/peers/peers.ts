import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from '../../../src/tensor';
import { type BenchNetwork, loadNetwork, NETWORK_NAMES } from '../../networks';
import { groupBy, round, spills } from '../analyse';
import { type ChipName, chipOf } from '../chips';
import type { Collected, CollectJob } from '../collect';
import { type Job, runBefore } from '../driver';
import { type LoopFacts, loopFacts } from '../loops';
import { MachineCode } from '../machine-code';
import { costOf, LAUNCH_US } from '../model';
import type { CompileJob, PeerPipeline } from './compile';
import { hasWeights, type PeerKernel, peerKernel } from './kernels';
import { type Fit, fitsExactly, fitsPadded, fitsPooled, type Layer, LayerMatcher, layersOf } from './layers';
import { PEERS, type Peer, recordPeers } from './record';
import type { RecordedDispatch, Recording } from './recording';

/** A frame of one engine; times are modelled, none is measured. */
export interface PeerRow {
  readonly network: string;
  readonly engine: 'fovea' | Peer;
  readonly launches: number;
  readonly passes: number;
  readonly submits: number;
  readonly gpuMs: number;
  readonly totalMs: number;
  /** In layers with weights. */
  readonly layersMs: number;
  /** Layers of the network that were found among the dispatches. */
  readonly layers: string;
  readonly spillingPipelines: number;
  readonly clearedMegabytes: number;
}

const FITS: Readonly<Record<Peer, Fit>> = { tfjs: fitsExactly, 'ort-webgpu': fitsPooled, litert: fitsPadded };
/** Turns of peers' loops of which nothing is known: of a tile's end, and of a mean over a map. LiteRT.js has none of the first. */
const TURNS_ASIDE = 4;
const TURNS_OF_MEANS = 49;

/** The benchmark's networks, and the one that others publish times of. */
export const PEER_NETWORKS: readonly string[] = [...NETWORK_NAMES, 'mobilenet-v2'];

/**
 * Every engine's frame of every network on a chip, by the same simplified model.
 *
 * @param kept a folder for recordings, which are made once for each chip
 */
export async function comparePeers(
  chip: ChipName,
  names: readonly string[],
  kept: string,
  onProgress: (line: string) => void,
): Promise<PeerRow[]> {
  const networks = names.flatMap((name) => loadNetwork(name) ?? []);
  const job: Job<CollectJob> = { networks: names, precision: 'f32', candidates: false };
  const { result: fovea, codes } = await runBefore<CollectJob, Collected>(chip, 'bench/compilers/collect.ts', job);
  const own = networks.map((network) => foveaRow(network, fovea, codes));
  const recordings = await recordPeers(networks, fovea.adapter, join(kept, chip), onProgress);
  const compiled = await compileAll(chip, recordings);
  const rows = recordings.map((recording, i) =>
    peerRow(recording, networks.find(({ name }) => name === recording.network)!, compiled[i]),
  );
  return networks.flatMap(({ name }) => [...own, ...rows].filter(({ network }) => network === name));
}

export function foveaRow(
  { name, graph }: BenchNetwork,
  { dispatches }: Collected,
  codes: readonly MachineCode[],
): PeerRow {
  const chosen = dispatches.filter(({ network, pipeline }) => network === name && pipeline >= 0);
  const priced = chosen.map((dispatch) => {
    const facts = loopFacts(dispatch);
    // Of the peers nobody knows what workgroups share of the caches, so it is left out here, too.
    return { dispatch, us: costOf(codes[dispatch.pipeline], dispatch, facts && { ...facts, traffic: undefined }).us };
  });
  const layers = layersOf(graph).length;
  const isLayer = (op: string): boolean => /conv|dense/.test(op);
  const pipelines = new Set(chosen.map(({ pipeline }) => pipeline));
  return {
    network: name,
    engine: 'fovea',
    passes: 1,
    submits: 1,
    clearedMegabytes: 0,
    layers: `${layers}/${layers}`,
    spillingPipelines: [...pipelines].filter((pipeline) => codes[pipeline].spills).length,
    ...timesOf(priced.map(({ dispatch, us }) => ({ us, isLayer: isLayer(dispatch.op) }))),
  };
}

function timesOf(parts: readonly { readonly us: number; readonly isLayer: boolean }[]) {
  const sum = (own: typeof parts): number => own.reduce((total, { us }) => total + us, 0);
  const us = sum(parts);
  return {
    launches: parts.length,
    gpuMs: round(us / 1e3, 4),
    totalMs: round((us + LAUNCH_US * parts.length) / 1e3, 4),
    layersMs: round(sum(parts.filter(({ isLayer }) => isLayer)) / 1e3, 4),
  };
}

/** The machine code of each recording's pipelines by their place there; undefined where one does not compile. */
async function compileAll(
  chip: ChipName,
  recordings: readonly Recording[],
): Promise<(readonly (MachineCode | undefined)[])[]> {
  const wanted: PeerPipeline[] = [];
  const places = recordings.map(({ features, modules, pipelines, dispatches }) => {
    const used = new Set(dispatches.map(({ pipeline }) => pipeline));
    return pipelines.map(({ module, entryPoint, constants, layout }, i) =>
      used.has(i) ? wanted.push({ code: modules[module].code, entryPoint, constants, layout, features }) - 1 : -1,
    );
  });
  const folder = mkdtempSync(join(tmpdir(), 'fovea-peers-'));
  const input = join(folder, 'pipelines.json');
  writeFileSync(input, JSON.stringify(wanted));
  try {
    const { result: lines, codes } = await runBefore<CompileJob, number[]>(chip, 'bench/compilers/peers/compile.ts', {
      input,
    });
    // An innermost loop with a single multiply-add is still where a convolution spends its time.
    const recoded = codes.map(({ pipeline }) => new MachineCode(pipeline, chipOf(chip), 1));
    return places.map((own) => own.map((place) => recoded[lines[place] ?? -1]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function peerRow(recording: Recording, { graph }: BenchNetwork, codes: readonly (MachineCode | undefined)[]): PeerRow {
  const peer = PEERS.find((name) => name === recording.engine)!;
  const layers = layersOf(graph);
  const matcher = new LayerMatcher(layers, FITS[peer]);
  const tensors = layers.flatMap(({ input, output }) => [4 * sizeOf(input), 4 * sizeOf(output)]).sort((a, b) => b - a);
  const parts = recording.dispatches.map((dispatch) => {
    const code = codes[dispatch.pipeline];
    return code ? pricePeer(peer, recording, dispatch, code, matcher, tensors) : { us: 0, isLayer: false };
  });
  const used = [...new Set(recording.dispatches.map(({ pipeline }) => pipeline))];
  return {
    network: recording.network,
    engine: peer,
    passes: recording.passes,
    submits: recording.submits,
    clearedMegabytes: round(recording.clearedBytes / 1e6, 1),
    layers: `${layers.length - matcher.left}/${layers.length}`,
    spillingPipelines: used.filter((pipeline) => codes[pipeline] && spills(codes[pipeline].registers)).length,
    ...timesOf(parts),
  };
}

function pricePeer(
  peer: Peer,
  { modules, pipelines }: Recording,
  { pipeline, workgroups = [1, 1, 1], bound }: RecordedDispatch,
  code: MachineCode,
  matcher: LayerMatcher,
  tensors: readonly number[],
): { us: number; isLayer: boolean } {
  const text = modules[pipelines[pipeline].module].code;
  const { label } = pipelines[pipeline];
  const invocations = workgroups.reduce((a, b) => a * b, 1) * code.pipeline.workgroup.reduce((a, b) => a * b, 1);
  const all = bound.map(({ bytes }) => bytes);
  const isLayer = hasWeights(peer, label, text);
  const kernel = isLayer ? peerKernel(peer, label, text) : {};
  const named = (name: string): number | undefined => {
    const binding = new RegExp(`@binding\\((\\d+)\\) var(?:<[^>]*>)? ${name}`).exec(text)?.[1];
    return bound.find((resource) => String(resource.binding) === binding)?.bytes;
  };
  const bytes = { all, weights: named('weights'), written: named('dst_tensor') };
  const layer = isLayer ? matcher.take(bytes, invocations * (kernel.outputs ?? 1)) : undefined;
  if (layer) {
    const { input, weight, output } = layer;
    const moved = 4 * (sizeOf(input) + sizeOf(weight) + sizeOf(output));
    return {
      us: costOf(code, { workgroups, bytes: moved }, peerFacts(peer, layer, kernel, code, invocations)).us,
      isLayer,
    };
  }
  // A pooled buffer is longer than its tensor, but not twice as long.
  const tensorOf = (size: number): number =>
    size <= 65_536 ? size : (tensors.find((tensor) => tensor <= size && tensor > size / 2) ?? 0.75 * size);
  const moved = all.reduce((sum, size) => sum + (peer === 'ort-webgpu' ? tensorOf(size) : size), 0);
  const turns = /reduce/i.test(label) ? TURNS_OF_MEANS : TURNS_ASIDE;
  const facts = { multiplyAdds: 0, outerTurns: 1, asideTurns: () => turns };
  return { us: costOf(code, { workgroups, bytes: moved }, facts).us, isLayer };
}

/** Turns of a peer's loops: of the innermost as its tile and its sum have it, else as its invocations share out the layer. */
function peerFacts(
  peer: Peer,
  { weight, output, multiplyAdds }: Layer,
  { outputs, terms, longestSum = Number.POSITIVE_INFINITY }: PeerKernel,
  code: MachineCode,
  invocations: number,
): LoopFacts {
  const sum = Math.min(multiplyAdds / sizeOf(output), longestSum);
  const [, , height = 1, width = 1] = weight;
  const asideTurns = (): number => TURNS_ASIDE;
  if (outputs === undefined) {
    const outerTurns = peer === 'ort-webgpu' ? height * width : height;
    return { multiplyAdds: multiplyAdds / invocations, outerTurns, asideTurns };
  }
  if (terms === undefined) return { multiplyAdds: sum * outputs, outerTurns: height * width, asideTurns };
  const outerTurns = Math.ceil(sum / terms);
  return {
    multiplyAdds: Math.max(sum * outputs, outerTurns * terms * outputs * Number(code.hotMultiplyAdds > 0)),
    outerTurns,
    asideTurns,
  };
}

/** Rows with each engine's total beside Fovea's. */
export function peerTable(chip: ChipName, rows: readonly PeerRow[]): (string | number)[][] {
  const header = [
    'network',
    'engine',
    'launches',
    'passes',
    'submits',
    'GPU ms',
    'total ms',
    'of Fovea',
    'layers ms',
    'layers',
    'spilling',
  ];
  const body = [...groupBy(rows, ({ network }) => network).values()].flatMap((own) => {
    const fovea = own.find(({ engine }) => engine === 'fovea');
    return own.map((row) => [
      row.network,
      row.engine,
      row.launches,
      row.passes,
      row.submits,
      row.gpuMs.toFixed(3),
      row.totalMs.toFixed(3),
      fovea ? (row.totalMs / fovea.totalMs).toFixed(2) : '',
      row.layersMs.toFixed(3),
      row.layers,
      row.spillingPipelines,
    ]);
  });
  return [[`${chip}: ${header[0]}`, ...header.slice(1)], ...body];
}
