import type { Peer } from './record';

/** What a peer's convolution or product is written to do; read from its shader, as the engines generate them. */
export interface PeerKernel {
  /** Outputs that an invocation makes, where the text says. */
  readonly outputs?: number;
  /** Terms of the sum in a turn of the loop around the innermost; the taps are that loop where it is left out. */
  readonly terms?: number;
  /** Of a sum that several invocations share. */
  readonly longestSum?: number;
}

const numberIn = (text: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
const largest = (numbers: readonly string[]): number => Math.max(...numbers.map(Number));

/** Whether a dispatch computes a layer with weights. */
export function hasWeights(peer: Peer, label: string, code: string): boolean {
  return peer === 'litert' ? code.includes('weights') : /conv|matmul|gemm/i.test(label) && !label.includes('Fill');
}

export function peerKernel(peer: Peer, label: string, code: string): PeerKernel {
  switch (peer) {
    case 'ort-webgpu':
      return { ...onnxRuntime(code), longestSum: numberIn(code, /kSplitK = (\d+)/) };
    case 'tfjs':
      return tensorflow(label, code);
    case 'litert':
      return liteRt(code);
  }
}

function onnxRuntime(code: string): PeerKernel {
  const sums = [...code.matchAll(/var acc_(\d+)/g)].map(([, n]) => n);
  if (code.includes('mm_Bsub') && sums.length > 0) {
    return { outputs: 4 * (largest(sums) + 1), terms: numberIn(code, /dim_inner - 1\) \/ (\d+)/) ?? 32 };
  }
  const rows = numberIn(code, /rowPerThread = (\d+)/);
  if (rows === undefined) return {};
  const columns = numberIn(code, /colPerThread = (\d+)/) ?? 4;
  return { outputs: rows * columns, terms: numberIn(code, /tileInner = (\d+)/) ?? 32 };
}

function tensorflow(label: string, code: string): PeerKernel {
  if (label.includes('SmallOutputSize')) return { outputs: 1, terms: 16 };
  const tile = /mm_Asub : array<array<(?:vec\d<f32>|f32), (\d+)>, (\d+)>/.exec(code);
  const workgroup = numberIn(code, /workgroup_size\(\d+, (\d+)/);
  if (tile && workgroup !== undefined) {
    const terms =
      numberIn(code, /kStart = kStart \+ (\d+)/) ?? numberIn(code, /kStart \+= (\d+)/) ?? 4 * Number(tile[1]);
    return { outputs: 4 * Math.floor(Number(tile[2]) / workgroup), terms };
  }
  if (label.includes('Depthwise')) return { outputs: label.includes('Vec4') ? 16 : 1 };
  return {};
}

/** Named after the place in its tile that each sum has. */
function liteRt(code: string): PeerKernel {
  const sums = [...code.matchAll(/r_w(\d)_h(\d)_s(\d)/g)];
  if (sums.length === 0) return {};
  return { outputs: 4 * [1, 2, 3].reduce((product, axis) => product * (largest(sums.map((sum) => sum[axis])) + 1), 1) };
}
