import { compareTensors } from '../src/compare-tensors';
import type { Precision } from '../src/gpu/plan';
import { ENGINES, type EngineName } from './engines/engine';
import type { Growth } from './growth';
import type { Roofline } from './roofline';

/** The measurements of one page. */
export interface Sample {
  readonly downloadBytes: number;
  readonly coldMs: number;
  readonly steadyMs: readonly number[];
  /** CPU time of the browser until the first answer, where it can be read, */
  readonly coldCpuMs?: number;
  /** and of a frame, the mean of all of them. */
  readonly steadyCpuMs?: number;
  readonly dispatches: number;
  readonly submits: number;
  readonly objectsPerFrame: number;
  readonly peakGpuBytes: number;
  /** Frames per second with a video as input, if there was one. */
  readonly fps?: number;
  /** Submissions that a frame of video takes. */
  readonly videoSubmits?: number;
}

/** One engine on one network, over all rounds. */
export interface Row extends Omit<Sample, 'steadyMs' | 'videoSubmits'> {
  readonly network: string;
  readonly engine: EngineName;
  readonly steadyMedianMs: number;
  readonly steadyP95Ms: number;
}

/** The content of `bench/results/<adapter>.json`. */
export interface Report {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly adapter: string;
  /** The adapter computes on the CPU: its times say little about graphics cards. */
  readonly software: boolean;
  readonly rows: readonly Row[];
  readonly roofline: Roofline;
  readonly growth: readonly Growth[];
}

/** The value that the given share of the values does not exceed (nearest rank). @throws RangeError without values */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of no values');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @throws RangeError without values */
export function median(values: readonly number[]): number {
  const upper = -percentile(
    values.map((value) => -value),
    0.5,
  );
  return (percentile(values, 0.5) + upper) / 2;
}

/** Joins rounds into one row: medians, with the steady times of all rounds pooled. */
export function summarise(network: string, engine: EngineName, samples: readonly Sample[]): Row {
  const over = (
    key: 'downloadBytes' | 'coldMs' | 'dispatches' | 'submits' | 'objectsPerFrame' | 'peakGpuBytes',
  ): number => median(samples.map((sample) => sample[key]));
  const where = <K extends 'fps' | 'coldCpuMs' | 'steadyCpuMs'>(key: K): { [key in K]?: number } => {
    const values = samples.flatMap((sample) => sample[key] ?? []);
    return (values.length > 0 ? { [key]: median(values) } : {}) as { [key in K]?: number };
  };
  const steady = samples.flatMap(({ steadyMs }) => steadyMs);
  return {
    network,
    engine,
    downloadBytes: over('downloadBytes'),
    coldMs: over('coldMs'),
    steadyMedianMs: median(steady),
    steadyP95Ms: percentile(steady, 0.95),
    dispatches: over('dispatches'),
    submits: over('submits'),
    objectsPerFrame: over('objectsPerFrame'),
    peakGpuBytes: over('peakGpuBytes'),
    ...where('fps'),
    ...where('coldCpuMs'),
    ...where('steadyCpuMs'),
  };
}

/**
 * The difference that two engines' answers may have, of an output's largest magnitude: they add in different orders, and
 * float16 rounds each value between layers to 2⁻¹¹ of itself.
 */
export const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 1e-3, f16: 1e-2 };

/** Says how two engines' answers differ, or undefined. Errors count relative to each output's largest magnitude. */
export function disagreement(
  answers: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  tolerance: number,
): string | undefined {
  if (answers.length !== expected.length) return `${answers.length} outputs, expected ${expected.length}`;
  const row = (data: readonly number[]) => ({ shape: [data.length], data });
  for (const [k, reference] of expected.entries()) {
    const { mismatch } = compareTensors(row(answers[k]), row(reference), { ofLargest: tolerance });
    if (mismatch) return `output ${k} ${mismatch}`;
  }
  return undefined;
}

// biome-ignore format: one row of a table
const HEADINGS = ['', 'download', 'cold', 'vs Fovea', 'steady', 'p95', 'vs Fovea', 'cold CPU', 'vs Fovea', 'CPU', 'vs Fovea', 'video', 'launches', 'submits', 'objects', 'GPU memory'];

/** A table for the terminal: a block for each network, and in it each engine's times over Fovea's. */
export function table({ adapter, software, rows }: Pick<Report, 'adapter' | 'software' | 'rows'>): string {
  const lines = [`${adapter}${software ? ' (a software adapter: ratios may differ on a graphics card)' : ''}`];
  for (const network of new Set(rows.map((row) => row.network))) {
    const block = rows.filter((row) => row.network === network);
    const fovea = block.find(({ engine }) => engine === 'fovea');
    const times = (row: Row, key: 'coldMs' | 'steadyMedianMs' | 'coldCpuMs' | 'steadyCpuMs'): string => {
      const [own, ofFovea] = [row[key], fovea?.[key]];
      return own !== undefined && ofFovea ? `${(own / ofFovea).toFixed(2)}×` : '';
    };
    const cpu = (row: Row, key: 'coldCpuMs' | 'steadyCpuMs'): string[] => {
      const ms = row[key];
      return [ms === undefined ? '' : milliseconds(ms), times(row, key)];
    };
    const cells = block.map((row) => [
      ENGINES[row.engine].label,
      megabytes(row.downloadBytes),
      milliseconds(row.coldMs),
      times(row, 'coldMs'),
      milliseconds(row.steadyMedianMs),
      milliseconds(row.steadyP95Ms),
      times(row, 'steadyMedianMs'),
      ...cpu(row, 'coldCpuMs'),
      ...cpu(row, 'steadyCpuMs'),
      row.fps === undefined ? '' : `${row.fps >= 10 ? row.fps.toFixed(0) : row.fps.toPrecision(2)}/s`,
      count(row.dispatches),
      count(row.submits),
      count(row.objectsPerFrame),
      megabytes(row.peakGpuBytes),
    ]);
    lines.push('', ...aligned([[network, ...HEADINGS.slice(1)], ...cells]));
  }
  return lines.join('\n');
}

/** Aligns the first column left, the others right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 2))).join(''),
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
const milliseconds = (ms: number): string => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(2)} ms`);
const count = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** The file name of an adapter's results. */
export const fileNameOf = (adapter: string): string =>
  `${
    adapter
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'unknown'
  }.json`;
