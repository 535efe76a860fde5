/** What an engine is given of a network. All engines get the same input and are asked for the same outputs. */
export interface NetworkJob {
  readonly name: string;
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly string[];
  /** Addresses of the network in the forms there are of it. */
  readonly files: Readonly<Partial<Record<FileKind, string>>>;
}

/** `fovea`: weights of Fovea's own. `graph`: an optimised Fovea Graph, for TensorFlow.js. */
export type FileKind = 'fovea' | 'onnx' | 'graph' | 'tflite';

/** One frame: from numbers in host memory, in the shape of the input, to numbers in host memory. */
export type Run = (input: Float32Array) => Promise<Float32Array[]>;

/** What each module of this folder exports as `open`: everything from a cold page to the first frame. */
export type Open = (network: NetworkJob) => Promise<Run>;

/** How a report names the engines, and the form of a network that each reads: the first of these that there is. */
export const ENGINES = {
  fovea: { label: 'Fovea', reads: ['fovea', 'onnx'] },
  'ort-webgpu': { label: 'onnxruntime-web WebGPU', reads: ['onnx'] },
  'ort-wasm': { label: 'onnxruntime-web wasm', reads: ['onnx'] },
  tfjs: { label: 'TensorFlow.js WebGPU', reads: ['graph'] },
  litert: { label: 'LiteRT.js WebGPU', reads: ['tflite'] },
} as const satisfies Record<string, { readonly label: string; readonly reads: readonly FileKind[] }>;

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

/** @throws Error when an engine answers in another type */
export function floats(data: unknown, output: string): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error(`output "${output}" is not float32`);
}
