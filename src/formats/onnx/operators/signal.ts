import { text } from '../../../operators/checks';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { FLOAT } from '../types';
import { cast, elementTypeOf, mul } from './arithmetic';
import { type Complex, take, transform } from './fourier';

/** Spectra of signals over time, and the tables that come with them. */

const LONGEST_WINDOW = 2 ** 20;

/** Weights `a0 - a1 · cos(2π i / n) + a2 · cos(4π i / n)`; a periodic window is the start of one longer by 1. */
const cosineWindow =
  (a0: number, a1: number, a2: number): OperatorImporter =>
  (node) => {
    const size = node.number(node.input(0), 'size');
    if (!(Number.isInteger(size) && size >= 0 && size <= LONGEST_WINDOW)) node.malformed(`its size is ${size}`);
    const period = node.flag('periodic', true) ? size : size - 1;
    const values = Float32Array.from({ length: size }, (_, i) => {
      const angle = (2 * Math.PI * i) / period;
      return a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle);
    });
    return cast(node, node.constant(Tensor.float32([size], values)), elementTypeOf(node, 'output_datatype', FLOAT));
  };

/**
 * Fourier transforms of the frames of a signal `[N, L, 1 or 2]`: `[N, frames, bins, 2]`. One-sided, which is the default,
 * it gives the first half of each. Inputs: signal, step, window?, frame length?
 */
function stft(node: NodeContext): Value {
  const [signal, window, given] = [node.input(0), node.optional(2), node.optional(3)];
  const [batch, samples, parts] = signal.shape;
  const step = node.number(node.input(1), 'frame step');
  const length = given ? node.number(given, 'frame length') : (window?.shape[0] ?? samples);
  const isHalf = node.flag('onesided', true);
  if (signal.shape.length !== 3 || parts < 1 || parts > 2 || !(step > 0) || !(length > 0 && length <= samples)) {
    node.malformed(`frames of ${length} every ${step} do not fit ${text(signal.shape)}`);
  }
  if (window && window.shape.join() !== `${length}`) node.malformed(`window ${text(window.shape)} is not of ${length}`);
  const frames = Math.floor((samples - length) / step) + 1;
  node.table([frames, length]);
  const places = Tensor.int32(
    [frames, length],
    Int32Array.from({ length: frames * length }, (_, i) => Math.floor(i / length) * step + (i % length)),
  );
  const at = node.constant(places);
  const part = (index: number): Value => {
    const own = node.reshape(take(node, signal, index, 1), [batch, samples]);
    const framed = node.emit('gather', [own, at], { axis: 1 });
    return window ? mul(node, framed, window) : framed;
  };
  const framed: Complex = { real: part(0), imaginary: parts === 2 ? part(1) : undefined };
  const { real, imaginary } = transform(node, framed, -1);
  const bins = isHalf ? Math.floor(length / 2) + 1 : length;
  const kept = [real, imaginary!].map((p) => node.reshape(take(node, p, 0, bins), [batch, frames, bins, 1]));
  return node.emit('concat', kept, { axis: 3 });
}

/** Triangles over a spectrum that are equally wide on the mel scale, `[bins, mel bins]`. Stevens et al. 1937. */
function melWeightMatrix(node: NodeContext): Value {
  const [melBins, length, rate, lowest, highest] = ['mel bins', 'length', 'sample rate', 'lowest', 'highest'].map(
    (what, i) => node.number(node.input(i), what),
  );
  const bins = Math.floor(length / 2) + 1;
  if (!(melBins > 0 && length > 0 && rate > 0)) node.malformed(`${melBins} mel bins of a spectrum of ${length}`);
  const weights = node.table([bins, melBins]);
  const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const [first, last] = [mel(lowest), mel(highest)];
  const edges = Array.from({ length: melBins + 2 }, (_, i) => {
    const hertz = 700 * (10 ** ((first + (i * (last - first)) / (melBins + 2)) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  });
  if (edges.some((edge) => edge < 0 || edge > bins)) node.malformed(`it ends at ${highest} Hz, beyond the spectrum`);
  for (let i = 0; i < melBins; i++) {
    const [left, centre, right] = edges.slice(i, i + 3);
    for (let bin = left; bin < right; bin++) {
      weights.data[bin * melBins + i] =
        bin < centre ? (bin - left) / (centre - left) : (right - bin) / (right - centre);
    }
    if (centre < bins) weights.data[centre * melBins + i] = 1;
  }
  return cast(node, node.constant(weights), elementTypeOf(node, 'output_datatype', FLOAT));
}

export const signals: Readonly<Record<string, OperatorImporter>> = {
  HannWindow: cosineWindow(0.5, 0.5, 0),
  HammingWindow: cosineWindow(25 / 46, 21 / 46, 0),
  BlackmanWindow: cosineWindow(0.42, 0.5, 0.08),
  STFT: stft,
  MelWeightMatrix: melWeightMatrix,
};
