import { readFileSync } from 'node:fs';
import { fromFloat16, toFloat16 } from '../../../src/float16';
import { type Blocks, tableOf } from './blocks';

const half = (value: number): number => fromFloat16(toFloat16(value));
const RESULTS = 'bench/results/swiftshader.json';

interface Row {
  readonly network: string;
  readonly engine: string;
  readonly steadyMedianMs?: number;
}

/** What float16 makes of numbers and sums, and the software adapter beside WebAssembly. */
export async function blocks(): Promise<Blocks> {
  const roundings = [65504, 65519, 65520, 2049, 0.1, 1e-8].map((value) => [
    value,
    String(half(value)).replace('Infinity', '∞'),
  ]);
  const sums = [1_000, 10_000, 100_000].map((terms) => {
    let inHalf = 0;
    for (let i = 0; i < terms; i++) inHalf = half(inHalf + half(0.1));
    let inFloat = 0;
    for (let i = 0; i < terms; i++) inFloat = Math.fround(inFloat + half(0.1));
    return [terms.toLocaleString('en'), (terms * half(0.1)).toFixed(2), inHalf, inFloat.toFixed(2)];
  });
  const { rows, adapter } = JSON.parse(readFileSync(RESULTS, 'utf8')) as { rows: Row[]; adapter: string };
  const ms = (network: string, engine: string): number | undefined =>
    rows.find((row) => row.network === network && row.engine === engine)?.steadyMedianMs;
  const networks = [...new Set(rows.map(({ network }) => network))];
  const wasm = networks.flatMap((network) => {
    const [ours, cpu] = [ms(network, 'fovea'), ms(network, 'ort-wasm')];
    return ours && cpu ? [[network, ours.toFixed(0), cpu.toFixed(0), `${(ours / cpu).toPrecision(2)} ×`]] : [];
  });
  return {
    'numbers: float16': tableOf(['Number', 'In float16'], roundings),
    'numbers: sums': tableOf(['Terms of 0.1 in float16', 'True sum', 'Summed in float16', 'Summed in float32'], sums),
    'numbers: wasm': tableOf(
      ['Network', `Fovea on ${adapter}, ms`, 'onnxruntime-web on WebAssembly, ms', 'WebAssembly is faster by'],
      wasm,
    ),
  };
}
