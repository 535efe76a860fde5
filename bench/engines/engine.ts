import type { Precision } from '../../src/gpu/plan';

/** A network as an engine gets it. All engines get the same input and return the same outputs. */
export interface NetworkJob {
  readonly name: string;
  /** A picture, `[1, 3, H, W]` or `[1, H, W, 3]`, of numbers from 0 to `range`. */
  readonly input: { readonly name: string; readonly shape: readonly number[]; readonly range: number };
  readonly outputs: readonly string[];
  /** The addresses of the network's files, by their kind. */
  readonly files: Readonly<Partial<Record<FileKind, string>>>;
  /** Height and width of the input, if they differ from those in the file of a network of Fovea's own. */
  readonly side?: number;
  /** Default f32. */
  readonly precision?: Precision;
}

/** `fovea`: weights of Fovea's own. `graph` and `tflite`: an optimised Graph, for TensorFlow.js and for LiteRT.js. */
export type FileKind = 'fovea' | 'onnx' | 'graph' | 'tflite';

/** One frame: from numbers in host memory, in the shape of the input, to numbers in host memory. */
export type Run = (input: Float32Array) => Promise<Float32Array[]>;

/** One frame of a video, stretched to the size of the input. */
export type Watch = (video: HTMLVideoElement) => Promise<Float32Array[]>;

export interface Opened {
  readonly run: Run;
  readonly watch: Watch;
  /** Frees the device, for a process that measures several networks. */
  readonly close?: () => void;
}

/** Each module of this folder exports one as `open`: it does everything from a cold page to the first frame. */
export type Open = (network: NetworkJob) => Promise<Opened>;

/** How a report names each engine, the kinds of files that it reads, the preferred kind first, and who computes in float16. */
export const ENGINES = {
  fovea: { label: 'Fovea', reads: ['fovea', 'onnx'], float16: true },
  'ort-webgpu': { label: 'onnxruntime-web WebGPU', reads: ['onnx'] },
  'ort-wasm': { label: 'onnxruntime-web wasm', reads: ['onnx'] },
  tfjs: { label: 'TensorFlow.js WebGPU', reads: ['graph'] },
  litert: { label: 'LiteRT.js WebGPU', reads: ['tflite'], float16: true },
} as const satisfies Record<
  string,
  { readonly label: string; readonly reads: readonly FileKind[]; readonly float16?: true }
>;

export type EngineName = keyof typeof ENGINES;

export async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function fetchNumbers(url: string): Promise<Float32Array> {
  const { buffer } = await fetchBytes(url);
  return new Float32Array(buffer);
}

/** Height and width of a picture input, and whether its channels come before them. */
export function pictureShape([, a, b, c]: readonly number[]): { size: [number, number]; channelsFirst: boolean } {
  return a === 3 ? { size: [b, c], channelsFirst: true } : { size: [a, b], channelsFirst: false };
}

/** @throws Error when an engine's answer is not float32 */
export function floats(data: unknown, output: string): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error(`output "${output}" is not float32`);
}
